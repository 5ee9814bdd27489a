-- GET of a random seeded order. Argument: how many there are.
local orders

function init(args)
   orders = tonumber(args[1])
   math.randomseed(os.time())
end

function request()
   return wrk.format("GET", string.format("/v1/orders/ord_%032x", math.random(orders)))
end
