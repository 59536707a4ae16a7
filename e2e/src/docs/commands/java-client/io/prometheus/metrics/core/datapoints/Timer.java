package io.prometheus.metrics.core.datapoints;

import java.util.function.DoubleConsumer;

/** The part of io.prometheus' Timer that docs/first-service-java.md uses. */
public final class Timer implements AutoCloseable {
  private final DoubleConsumer observe;
  private final long begun = System.nanoTime();

  public Timer(DoubleConsumer observe) {
    this.observe = observe;
  }

  @Override
  public void close() {
    observe.accept((System.nanoTime() - begun) / 1e9);
  }
}
