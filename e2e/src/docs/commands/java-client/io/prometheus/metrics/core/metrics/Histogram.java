package io.prometheus.metrics.core.metrics;

import io.prometheus.metrics.core.datapoints.Timer;

/** The part of io.prometheus' Histogram that docs/first-service-java.md uses. */
public final class Histogram {
  private final double[] bounds;
  private final long[] counts;
  private long count;
  private double sum;

  private Histogram(double[] bounds) {
    this.bounds = bounds;
    this.counts = new long[bounds.length];
  }

  public static Builder builder() {
    return new Builder();
  }

  public Timer startTimer() {
    return new Timer(this::observe);
  }

  public synchronized void observe(double value) {
    count++;
    sum += value;
    for (int i = 0; i < bounds.length; i++) if (value <= bounds[i]) counts[i]++;
  }

  private synchronized String lines(String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < bounds.length; i++)
      text.append(name + "_bucket{le=\"" + bounds[i] + "\"} " + counts[i] + "\n");
    text.append(name + "_bucket{le=\"+Inf\"} " + count + "\n");
    return text.append(name + "_count " + count + "\n" + name + "_sum " + sum + "\n").toString();
  }

  public static final class Builder {
    private String name;
    private String help;
    private double[] bounds = {};

    public Builder name(String name) {
      this.name = name;
      return this;
    }

    public Builder help(String help) {
      this.help = help;
      return this;
    }

    public Builder classicUpperBounds(double... bounds) {
      this.bounds = bounds;
      return this;
    }

    public Histogram register() {
      Histogram histogram = new Histogram(bounds);
      Registry.add(name, help, "histogram", () -> histogram.lines(name));
      return histogram;
    }
  }
}
