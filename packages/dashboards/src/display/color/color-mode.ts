import { cividisScale, type ColorScale, rampScale, splineScale } from "./color-scale.ts";
import { contrastRatio, hexOf, shade } from "./css-color.ts";
import { type ColorTheme, cssColor, rgbOf } from "./named-colors.ts";
import {
  categoricalPalette1,
  categoricalPalette2,
  categoricalPalette3,
  classicPalette,
  colorblindPalette,
} from "./palettes.ts";

/**
 * A colour mode, which decides how a field gets its colour: by the field's index or name (`series`), by each value
 * (`value`), or by the setting (`fixed`).
 */
export interface ColorMode {
  /** Id of the colour mode in a dashboard's JSON. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly group: "" | "Accessible" | "Others" | "Experimental";
  readonly by: "fixed" | "series" | "value";
  /**
   * Colours that a picker shows as a preview of the mode, from low to high or in the order of series. Empty for modes
   * such as `fixed` and `thresholds`, whose colours are settings of the field.
   */
  colors(theme: ColorTheme): readonly string[];
  /** For modes by series: whether the name of the series determines the colour, instead of its index. */
  readonly isByName?: boolean;
  /** For modes by value: returns the continuous colour scale. Absent if the mode has none. */
  scale?(theme: ColorTheme): ColorScale;
}

/**
 * Smallest contrast with the panel's background for colours that are chosen by name. A hash of the name chooses the
 * colour, so each possible colour must be visible.
 */
const MIN_CONTRAST = 3;

const visible = (palette: readonly string[], theme: ColorTheme): string[] =>
  palette.filter((color) => contrastRatio(rgbOf(color, theme), rgbOf("panel-bg", theme)) >= MIN_CONTRAST);

const css = (palette: readonly string[], theme: ColorTheme): string[] => palette.map((color) => cssColor(color, theme));

/** Returns a function that computes a result once for each colour theme and caches it. */
function byTheme<T>(compute: (theme: ColorTheme) => T): (theme: ColorTheme) => T {
  const known = new Map<ColorTheme, T>();
  return (theme) => {
    if (!known.has(theme)) known.set(theme, compute(theme));
    return known.get(theme)!;
  };
}

const set = (id: string, name: string, description: string, by: "fixed" | "value" = "fixed"): ColorMode => ({
  id,
  name,
  description,
  group: "",
  by,
  colors: () => [],
});

const series = (
  id: string,
  name: string,
  palette: (theme: ColorTheme) => readonly string[],
  group: ColorMode["group"] = "",
): ColorMode => ({
  id,
  name,
  description: "",
  group,
  by: "series",
  colors: byTheme((theme) => css(palette(theme), theme)),
});

const accessible = (id: string, name: string, scale: ColorScale): ColorMode => ({
  id,
  name,
  description: "",
  group: "Accessible",
  by: "value",
  colors: byTheme(() => Array.from({ length: 9 }, (_, i) => scale(i / 8))),
  scale: () => scale,
});

const between = (id: string, name: string, ...colors: readonly string[]): ColorMode => ({
  id,
  name,
  description: "",
  group: "Others",
  by: "value",
  colors: byTheme((theme) => css(colors, theme)),
  scale: byTheme((theme) => splineScale(colors.map((color) => rgbOf(color, theme)))),
});

/** All colour modes, in the order of a picker. A new mode needs one line here. */
export const colorModes: readonly ColorMode[] = [
  set("fixed", "Single color", "One color for all"),
  set("shades", "Shades of a color", "Each series has a shade of one color"),
  set("gradient", "Gradient", "From one color to another by the order of values"),
  set("thresholds", "From thresholds", "The color of the threshold that a value has reached", "value"),
  series("palette-classic", "Classic palette", () => classicPalette),
  {
    ...series("palette-classic-by-name", "Classic palette (by series name)", (theme) => visible(classicPalette, theme)),
    isByName: true,
  },
  series("palette-colorblind", "Color blind safe", (theme) => visible(colorblindPalette, theme), "Accessible"),
  series("palette-categorical-next", "Categorical Next", () => categoricalPalette1, "Experimental"),
  series("palette-categorical-next-2", "Categorical Next 2", () => categoricalPalette2, "Experimental"),
  series("palette-categorical-next-3", "Categorical Next 3", () => categoricalPalette3, "Experimental"),
  accessible("continuous-viridis", "Viridis", rampScale("viridis")),
  accessible("continuous-magma", "Magma", rampScale("magma")),
  accessible("continuous-plasma", "Plasma", rampScale("plasma")),
  accessible("continuous-inferno", "Inferno", rampScale("inferno")),
  accessible("continuous-cividis", "Cividis", cividisScale),
  between("continuous-GrYlRd", "Green-Yellow-Red", "green", "yellow", "red"),
  between("continuous-RdYlGr", "Red-Yellow-Green", "red", "yellow", "green"),
  between("continuous-BlYlRd", "Blue-Yellow-Red", "dark-blue", "super-light-yellow", "dark-red"),
  between("continuous-YlRd", "Yellow-Red", "super-light-yellow", "dark-red"),
  between("continuous-BlPu", "Blue-Purple", "blue", "purple"),
  between("continuous-YlBl", "Yellow-Blue", "super-light-yellow", "dark-blue"),
  between("continuous-blues", "Blues", "panel-bg", "dark-blue"),
  between("continuous-reds", "Reds", "panel-bg", "dark-red"),
  between("continuous-greens", "Greens", "panel-bg", "dark-green"),
  between("continuous-purples", "Purples", "panel-bg", "dark-purple"),
];

const byId = new Map(colorModes.map((mode) => [mode.id, mode]));

/** Returns the colour mode with this id. An absent or unknown id means the mode `thresholds`. */
export const findColorMode = (id: string | undefined): ColorMode => byId.get(id ?? "") ?? byId.get("thresholds")!;

/** Returns the palette's colour for a name. The same name always has the same colour. */
export function colorByName(colors: readonly string[], name: string): string {
  let hash = 5381;
  for (let i = name.length - 1; i >= 0; i--) hash = (hash * 33) ^ name.charCodeAt(i);
  return colors[(hash >>> 0) % colors.length]!;
}

const SHADE_STEPS = 6;
const SHADE_DEGREES = 10;
const SHADE_SHARE = 0.35;

/**
 * Returns the colour of a series as a shade of one colour. The first series has the colour itself; the following series
 * are lighter and darker in turn.
 */
export function shadeOf(color: string | undefined, seriesIndex: number, theme: ColorTheme): string {
  const shadeIndex = seriesIndex % (2 * SHADE_STEPS - 1);
  if (shadeIndex === 0) return cssColor(color, theme);
  const share = Math.ceil(shadeIndex / 2) / SHADE_STEPS;
  const sign = shadeIndex % 2 === 1 ? 1 : -1;
  return hexOf({ ...shade(rgbOf(color, theme), sign * share * SHADE_DEGREES, sign * share * SHADE_SHARE), a: 1 });
}
