import type { Panel } from "./dashboard.ts";

/** Returns panels and the panels within their rows, in order. */
export const flatPanels = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...flatPanels(panel.panels)]);
