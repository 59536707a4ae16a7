package io.prometheus.metrics.core.metrics;

import java.util.Map;
import java.util.TreeMap;

/** The part of io.prometheus' Counter that docs/first-service-java.md uses: one label at most. */
public final class Counter {
  private final Map<String, DataPoint> points = new TreeMap<>();

  public static final class DataPoint {
    private double value;

    public synchronized void inc() {
      value += 1;
    }

    private synchronized double get() {
      return value;
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  public synchronized DataPoint labelValues(String value) {
    return points.computeIfAbsent(value, key -> new DataPoint());
  }

  public void initLabelValues(String value) {
    labelValues(value);
  }

  private synchronized String lines(String name, String label) {
    StringBuilder text = new StringBuilder();
    points.forEach((value, point) -> text.append(name + "{" + label + "=\"" + value + "\"} " + point.get() + "\n"));
    return text.toString();
  }

  public static final class Builder {
    private String name;
    private String help;
    private String label;

    public Builder name(String name) {
      this.name = name;
      return this;
    }

    public Builder help(String help) {
      this.help = help;
      return this;
    }

    public Builder labelNames(String label) {
      this.label = label;
      return this;
    }

    public Counter register() {
      Counter counter = new Counter();
      Registry.add(name, help, "counter", () -> counter.lines(name, label));
      return counter;
    }
  }
}
