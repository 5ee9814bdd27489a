-- A terminal at the table: lock, bill, pay, unlock. One thread with one connection is one terminal, and
-- has orders of its own. Arguments: the tag of this run, the first open order and how many there are,
-- the number of terminals, and when locks expire.
local terminals_made = 0

function setup(thread)
   thread:set("terminal", terminals_made)
   terminals_made = terminals_made + 1
end

local tag, first, count, terminals, expiry
local turn = -1
local steps = {}

function init(args)
   tag, first, count = args[1], tonumber(args[2]), tonumber(args[3])
   terminals, expiry = tonumber(args[4]), args[5]
   wrk.headers["content-type"] = "application/json"
end

function request()
   turn = turn + 1
   local journey = math.floor(turn / 4)
   local order = first + (terminal + terminals * journey) % count
   local name = string.format("%s-%d-%d", tag, terminal, journey)
   return steps[turn % 4](string.format("/v1/orders/ord_%032x", order), name)
end

steps[0] = function(order, name)
   local body = string.format('{"lockId":"lk_%s","expiry":"%s"}', name, expiry)
   return wrk.format("POST", order .. "/lock", nil, body)
end

steps[1] = function(order, name)
   return wrk.format("GET", order .. "/bill")
end

steps[2] = function(order, name)
   local body = string.format(
      '{"paymentIntentId":"pi_%s","lockId":"lk_%s","paidAmount":{"value":10,"currencyCode":"GBP"},' ..
      '"tipsAmount":{"value":1,"currencyCode":"GBP"}}', name, name)
   return wrk.format("POST", order .. "/record-payment", nil, body)
end

steps[3] = function(order, name)
   return wrk.format("DELETE", order .. "/locks/lk_" .. name)
end
