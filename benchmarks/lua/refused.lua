-- The same order again and again, which is refused for what is in it. Argument: a file with the body.
function init(args)
   wrk.method = "POST"
   wrk.path = "/v1/orders"
   wrk.headers["content-type"] = "application/json"
   wrk.body = assert(io.open(args[1])):read("*a")
end
