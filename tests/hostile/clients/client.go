// Go's own client as it comes. Arguments: URL, credential, order.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

var base, credential, order = os.Args[1], os.Args[2], os.Args[3]

func send(method, path string, body io.Reader) {
	request, err := http.NewRequest(method, base+path, body)
	if err != nil {
		panic(err)
	}
	request.Header.Set("Authorization", credential)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body) // to its end: only then the connection is used again
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.StatusCode, string(text))
}

func main() {
	for i := 0; i < 2; i++ {
		send("POST", "/v1/orders", strings.NewReader(order))
		send("POST", "/v1/orders", io.MultiReader(strings.NewReader(order))) // of unknown length: in chunks
		send("GET", "/v1/areas", nil)
	}
}
