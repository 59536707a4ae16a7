import { type Codec, decimal, field, millis, section, text } from "@narthex/config";
import type { AlertWindow, AlertWindows } from "../alert-windows.ts";
import { ignored } from "../codecs.ts";

const NO_WINDOW: AlertWindow = { errorBudgetPercent: 0, shortMs: 0, longMs: 0 };

const alertWindow: Codec<AlertWindow> = section<AlertWindow>(
  "window",
  {
    errorBudgetPercent: field("errorBudgetPercent", decimal, 0),
    shortMs: field("shortWindow", millis, 0),
    longMs: field("longWindow", millis, 0),
  },
  (raw, at, report) => {
    if (!(raw.errorBudgetPercent > 0) || raw.shortMs === 0 || raw.longMs === 0)
      report(at.self, "alert-window", "errorBudgetPercent, shortWindow and longWindow are required", "write all three");
    else if (raw.shortMs >= raw.longMs)
      report(at.shortMs, "alert-window", "the short window is not shorter than the long one", "exchange them");
    return raw;
  },
);

interface Pair {
  readonly quick: AlertWindow;
  readonly slow: AlertWindow;
}

const pair: Codec<Pair> = section<Pair>("windows", {
  quick: field("quick", alertWindow, NO_WINDOW),
  slow: field("slow", alertWindow, NO_WINDOW),
});

const NO_PAIR: Pair = { quick: NO_WINDOW, slow: NO_WINDOW };

interface Spec {
  readonly periodMs: number;
  readonly page: Pair;
  readonly ticket: Pair;
}

const spec: Codec<AlertWindows> = section<Spec, AlertWindows>(
  "spec",
  {
    periodMs: field("sloPeriod", millis, 0),
    page: field("page", pair, NO_PAIR),
    ticket: field("ticket", pair, NO_PAIR),
  },
  ({ periodMs, page, ticket }, at, report) => {
    if (periodMs === 0) report(at.self, "alert-window", "sloPeriod is missing", "write for example 7d");
    for (const { quick, slow } of [page, ticket])
      if (quick.longMs === 0 || slow.longMs === 0)
        report(at.self, "alert-window", "page and ticket need quick and slow windows", "write all four");
    return { periodMs, pageQuick: page.quick, pageSlow: page.slow, ticketQuick: ticket.quick, ticketSlow: ticket.slow };
  },
);

/** Codec of Sloth's object `AlertWindows`, which defines the windows of one period. */
export const alertWindowsObject: Codec<AlertWindows> = section<
  { apiVersion: string; kind: string; metadata: undefined; spec: AlertWindows | undefined },
  AlertWindows
>(
  "AlertWindows",
  {
    apiVersion: field("apiVersion", text, ""),
    kind: field("kind", text, ""),
    metadata: field("metadata", ignored, undefined),
    spec: field<AlertWindows | undefined>("spec", spec, undefined),
  },
  (raw, at, report) => {
    if (raw.spec === undefined) report(at.self, "alert-window", "spec is missing", "write spec");
    return (
      raw.spec ?? {
        periodMs: 0,
        pageQuick: NO_WINDOW,
        pageSlow: NO_WINDOW,
        ticketQuick: NO_WINDOW,
        ticketSlow: NO_WINDOW,
      }
    );
  },
);
