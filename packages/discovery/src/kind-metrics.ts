import type { SelfMetrics } from "@narthex/http";

/**
 * Own metrics of one kind of discovery, such as the failures of DNS lookups. All discoverers of a process share them.
 */
export interface KindMetrics<M> {
  /** Returns the metrics of this kind in a process. Registers them on the first call. */
  of(metrics: { readonly self: SelfMetrics }): M;
}

export function kindMetrics<M>(register: (self: SelfMetrics) => M): KindMetrics<M> {
  const registered = new WeakMap<SelfMetrics, { readonly metrics: M }>();
  return {
    of({ self }) {
      const known = registered.get(self);
      if (known !== undefined) return known.metrics;
      const metrics = register(self);
      registered.set(self, { metrics });
      return metrics;
    },
  };
}
