import { isFrozen, type Panel } from "@narthex/dashboards";

const known = new WeakMap<Panel, string>();

/**
 * Returns the settings of a panel that determine its frames, as one text. If two panels with the same answers have the
 * same text, their frames are equal, so a change of the title or of an option computes nothing. For a panel of a
 * snapshot, returns the panel itself, because its queries contain the data.
 */
export function frameSettings(panel: Panel): string | Panel {
  if (isFrozen(panel)) return panel;
  let text = known.get(panel);
  if (text === undefined) {
    const { targets, transformations, fieldConfig } = panel.source;
    text = JSON.stringify([panel.type, panel.datasource, targets, transformations, fieldConfig]);
    known.set(panel, text);
  }
  return text;
}
