import type { Panel } from "@narthex/dashboards";
import type { PanelRequest } from "../data/panel/panel-request.ts";
import { testSource } from "./test-source.ts";

/** Returns the request of a panel over its Prometheus source `main`, with changes. */
export const panelRequest = (panel: Panel, change: Partial<PanelRequest> = {}): PanelRequest => ({
  panel,
  lookup: () => undefined,
  time: { raw: { from: "now-6h", to: "now" }, range: { from: 0, to: 300_000 }, words: "" },
  zone: "UTC",
  sources: [testSource({ uid: "main", type: "prometheus" })],
  filters: new Map(),
  pending: new Set(),
  now: 300_000,
  width: 1000,
  requestOf: () => undefined,
  ...change,
});
