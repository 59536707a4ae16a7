package io.prometheus.metrics.core.metrics;

/** The part of io.prometheus' Gauge that docs/first-service-java.md uses. */
public final class Gauge {
  private double value;

  public static Builder builder() {
    return new Builder();
  }

  public synchronized void inc() {
    value += 1;
  }

  public synchronized void dec() {
    value -= 1;
  }

  private synchronized double get() {
    return value;
  }

  public static final class Builder {
    private String name;
    private String help;

    public Builder name(String name) {
      this.name = name;
      return this;
    }

    public Builder help(String help) {
      this.help = help;
      return this;
    }

    public Gauge register() {
      Gauge gauge = new Gauge();
      Registry.add(name, help, "gauge", () -> name + " " + gauge.get() + "\n");
      return gauge;
    }
  }
}
