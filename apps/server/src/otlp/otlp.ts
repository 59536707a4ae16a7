import { OtlpReceiver } from "@narthex/remote";
import type { Context } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";
import { disabledOtlpRoute, otlpRoute } from "./otlp-route.ts";

/** Adds the feature that receives OpenTelemetry metrics (`--web.enable-otlp-receiver`). */
export function openOtlp(context: Context, storage: Pick<StorageFeature, "appendable">): ServerFeature {
  const { flags, featureFlags, clock, configuration, metrics } = context;
  const isEnabled = flags["web.enable-otlp-receiver"];
  const [addsUp, stores] = [
    featureFlags.has("otlp-deltatocumulative"),
    featureFlags.has("otlp-native-delta-ingestion"),
  ];
  const features = {
    api: { otlp_write_receiver: isEnabled },
    otlp_receiver: { delta_conversion: addsUp, native_delta_ingestion: stores },
  };
  if (!isEnabled) return { name: "OTLP", routes: { apiWhenReady: disabledOtlpRoute }, features };
  const receiver = new OtlpReceiver({
    appendable: storage.appendable,
    clock,
    config: () => configuration.current.otlp,
    outOfOrderWindowMs: () => configuration.current.storage.outOfOrderTimeWindowMs,
    lookbackMs: flags["query.lookback-delta"],
    deltas: addsUp ? "add up" : stores ? "store" : "refuse",
    withMetadata: featureFlags.has("metadata-wal-records"),
    typeAndUnitLabels: featureFlags.has("type-and-unit-labels"),
  });
  const logger = context.logger.child({ component: "otlp" });
  return {
    name: "OTLP",
    routes: { apiWhenReady: (app) => otlpRoute(app, { receiver, metrics, clock, logger }) },
    features,
  };
}
