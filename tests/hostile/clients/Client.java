import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

/** Java's own client as it comes: it offers HTTP/2 with every request. Arguments: URL, credential, order. */
public class Client {
    static final HttpClient CLIENT = HttpClient.newHttpClient();
    static String base;
    static String credential;

    public static void main(String[] arguments) throws Exception {
        base = arguments[0];
        credential = arguments[1];
        byte[] order = arguments[2].getBytes("UTF-8");
        for (int i = 0; i < 2; i++) {
            send("POST", "/v1/orders", BodyPublishers.ofByteArray(order));
            send("POST", "/v1/orders", BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(order)));
            send("GET", "/v1/areas", BodyPublishers.noBody());
        }
    }

    static void send(String method, String path, BodyPublisher body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(base + path))
            .header("Authorization", credential)
            .header("Content-Type", "application/json")
            .method(method, body)
            .build();
        var answer = CLIENT.send(request, BodyHandlers.ofString());
        System.out.println(answer.statusCode() + " " + answer.body());
    }
}
