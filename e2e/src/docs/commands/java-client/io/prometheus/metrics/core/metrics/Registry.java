package io.prometheus.metrics.core.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Stands in for the registry of io.prometheus: what was registered, as text. */
public final class Registry {
  private static final List<Supplier<String>> METRICS = new ArrayList<>();

  private Registry() {}

  static synchronized void add(String name, String help, String type, Supplier<String> lines) {
    METRICS.add(() -> "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + lines.get());
  }

  public static synchronized String text() {
    StringBuilder text = new StringBuilder();
    for (Supplier<String> metric : METRICS) text.append(metric.get());
    return text.toString();
  }
}
