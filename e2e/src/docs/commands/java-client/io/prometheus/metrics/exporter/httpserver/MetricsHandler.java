package io.prometheus.metrics.exporter.httpserver;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.prometheus.metrics.core.metrics.Registry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Stands in for the handler of io.prometheus: answers with all that is registered. */
public final class MetricsHandler implements HttpHandler {
  @Override
  public void handle(HttpExchange exchange) throws IOException {
    byte[] page = Registry.text().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    exchange.sendResponseHeaders(200, page.length);
    exchange.getResponseBody().write(page);
    exchange.close();
  }
}
