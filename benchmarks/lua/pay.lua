-- Payments, one after another. Arguments: the tag of this run, the first open order and how many
-- there are, and how many payments in a row go to one of them.
local tag, first, count, splits
local turn = -1

function init(args)
   tag, first = args[1], tonumber(args[2])
   count, splits = tonumber(args[3]), tonumber(args[4])
   wrk.headers["content-type"] = "application/json"
end

function request()
   turn = turn + 1
   local order = first + math.floor(turn / splits) % count
   local path = string.format("/v1/orders/ord_%032x/record-payment", order)
   local body = string.format(
      '{"paymentIntentId":"pi_%s-%d","paidAmount":{"value":10,"currencyCode":"GBP"},' ..
      '"tipsAmount":{"value":1,"currencyCode":"GBP"}}', tag, turn)
   return wrk.format("POST", path, nil, body)
end
