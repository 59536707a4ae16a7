import { useComputedColorScheme } from "@mantine/core";
import { plotTheme } from "./plot-theme.ts";
import { legibleOn } from "./readable-text.ts";

/** A colour for a text on a panel's own ground: itself where it is read there, else a shade of it. @param sizePx of the text, CSS pixels */
export function useLegible(): (color: string, sizePx: number) => string {
  const { surface } = plotTheme(useComputedColorScheme("light"));
  return (color, sizePx) => legibleOn(color, surface, sizePx);
}
