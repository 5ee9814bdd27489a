-- The same page again and again. Argument: the body of the search.
function init(args)
   wrk.method = "POST"
   wrk.path = "/v1/orders/search"
   wrk.body = args[1]
   wrk.headers["content-type"] = "application/json"
end
