import { type Rgb, parseColor } from "./css-color.ts";

/** The user's colour theme. Colours are chosen for the background of this theme. */
export type ColorTheme = "dark" | "light";

/** Colour that replaces a missing or invalid colour: grey. */
export const FALLBACK_COLOR = "#808080";

const SHADES = ["super-light-", "light-", "", "semi-dark-", "dark-"] as const;

/** The shades of each hue, from light to dark. */
const hues: Readonly<Record<ColorTheme, Readonly<Record<string, string>>>> = {
  dark: {
    red: "#FFA6B0 #FF7383 #F2495C #E02F44 #C4162A",
    orange: "#FFCB7D #FFB357 #FF9830 #FF780A #FA6400",
    yellow: "#FFF899 #FFEE52 #FADE2A #F2CC0C #E0B400",
    green: "#C8F2C2 #96D98D #73BF69 #56A64B #37872D",
    blue: "#C0D8FF #8AB8FF #5794F2 #3274D9 #1F60C4",
    purple: "#DEB6F2 #CA95E5 #B877D9 #A352CC #8F3BB8",
  },
  light: {
    red: "#FF7383 #F2495C #E02F44 #C4162A #AD0317",
    orange: "#FFB357 #FF9830 #FF780A #FA6400 #E55400",
    yellow: "#FFEE52 #FADE2A #F2CC0C #E0B400 #CC9D00",
    green: "#96D98D #73BF69 #56A64B #37872D #19730E",
    blue: "#8AB8FF #5794F2 #3274D9 #1F60C4 #1250B0",
    purple: "#CA95E5 #B877D9 #A352CC #8F3BB8 #7C2EA3",
  },
};

const others: Readonly<Record<ColorTheme, Readonly<Record<string, string>>>> = {
  dark: { transparent: "rgba(0,0,0,0)", "panel-bg": "#181b1f", text: "rgb(204, 204, 220)" },
  light: { transparent: "rgba(255, 255, 255, 0)", "panel-bg": "#ffffff", text: "rgba(36, 41, 46, 1)" },
};

/** CSS colour names that are not in Grafana's palette, each followed by its hexadecimal digits. */
const CSS_NAMES = [
  "aliceblue=f0f8ff antiquewhite=faebd7 aqua=00ffff aquamarine=7fffd4 azure=f0ffff beige=f5f5dc bisque=ffe4c4",
  "black=000000 blanchedalmond=ffebcd blue=0000ff blueviolet=8a2be2 brown=a52a2a burlywood=deb887",
  "cadetblue=5f9ea0 chartreuse=7fff00 chocolate=d2691e coral=ff7f50 cornflowerblue=6495ed cornsilk=fff8dc",
  "crimson=dc143c cyan=00ffff darkblue=00008b darkcyan=008b8b darkgoldenrod=b8860b darkgray=a9a9a9",
  "darkgreen=006400 darkkhaki=bdb76b darkmagenta=8b008b darkolivegreen=556b2f darkorange=ff8c00",
  "darkorchid=9932cc darkred=8b0000 darksalmon=e9967a darkseagreen=8fbc8f darkslateblue=483d8b",
  "darkslategray=2f4f4f darkturquoise=00ced1 darkviolet=9400d3 deeppink=ff1493 deepskyblue=00bfff",
  "dimgray=696969 dodgerblue=1e90ff firebrick=b22222 floralwhite=fffaf0 forestgreen=228b22 fuchsia=ff00ff",
  "gainsboro=dcdcdc ghostwhite=f8f8ff gold=ffd700 goldenrod=daa520 gray=808080 green=008000",
  "greenyellow=adff2f honeydew=f0fff0 hotpink=ff69b4 indigo=4b0082 ivory=fffff0 khaki=f0e68c lavender=e6e6fa",
  "lavenderblush=fff0f5 lawngreen=7cfc00 lemonchiffon=fffacd lightblue=add8e6 lightcoral=f08080",
  "lightcyan=e0ffff lightgoldenrodyellow=fafad2 lightgrey=d3d3d3 lightgreen=90ee90 lightpink=ffb6c1",
  "lightsalmon=ffa07a lightseagreen=20b2aa lightskyblue=87cefa lightslategray=778899 lightsteelblue=b0c4de",
  "lightyellow=ffffe0 lime=00ff00 limegreen=32cd32 linen=faf0e6 magenta=ff00ff maroon=800000",
  "mediumaquamarine=66cdaa mediumblue=0000cd mediumorchid=ba55d3 mediumpurple=9370d8 mediumseagreen=3cb371",
  "mediumslateblue=7b68ee mediumspringgreen=00fa9a mediumturquoise=48d1cc mediumvioletred=c71585",
  "midnightblue=191970 mintcream=f5fffa mistyrose=ffe4e1 moccasin=ffe4b5 navajowhite=ffdead navy=000080",
  "oldlace=fdf5e6 olive=808000 olivedrab=6b8e23 orange=ffa500 orangered=ff4500 orchid=da70d6",
  "palegoldenrod=eee8aa palegreen=98fb98 paleturquoise=afeeee palevioletred=d87093 papayawhip=ffefd5",
  "peachpuff=ffdab9 peru=cd853f pink=ffc0cb plum=dda0dd powderblue=b0e0e6 purple=800080 rebeccapurple=663399",
  "red=ff0000 rosybrown=bc8f8f royalblue=4169e1 saddlebrown=8b4513 salmon=fa8072 sandybrown=f4a460",
  "seagreen=2e8b57 seashell=fff5ee sienna=a0522d silver=c0c0c0 skyblue=87ceeb slateblue=6a5acd",
  "slategray=708090 snow=fffafa springgreen=00ff7f steelblue=4682b4 tan=d2b48c teal=008080 thistle=d8bfd8",
  "tomato=ff6347 turquoise=40e0d0 violet=ee82ee wheat=f5deb3 white=ffffff whitesmoke=f5f5f5 yellow=ffff00",
  "yellowgreen=9acd32 indianred=cd5c5c",
];

const cssNames = new Map(
  CSS_NAMES.flatMap((line) => line.split(" ")).map((pair): [string, string] => {
    const [name = "", digits = ""] = pair.split("=");
    return [name, `#${digits}`];
  }),
);

const namesOf = (theme: ColorTheme): ReadonlyMap<string, string> =>
  new Map([
    ...Object.entries(hues[theme]).flatMap(([hue, shades]) =>
      shades.split(" ").map((color, i): [string, string] => [`${SHADES[i]}${hue}`, color]),
    ),
    ...Object.entries(others[theme]),
  ]);

const themes: Readonly<Record<ColorTheme, ReadonlyMap<string, string>>> = {
  dark: namesOf("dark"),
  light: namesOf("light"),
};

/** A hue of the palette, as a colour picker shows it, with the names of its shades from light to dark. */
export interface Hue {
  readonly name: string;
  readonly shades: readonly string[];
}

export const paletteHues: readonly Hue[] = Object.keys(hues.dark).map((name) => ({
  name,
  shades: SHADES.map((shade) => `${shade}${name}`),
}));

/**
 * Converts a colour of a dashboard to a CSS colour. The input may be a palette name (`semi-dark-blue`), a CSS name or a
 * CSS colour. Any other text becomes grey, so that a dashboard cannot insert arbitrary text into a style.
 */
export function cssColor(color: string | undefined, theme: ColorTheme): string {
  if (color === undefined || color === "") return FALLBACK_COLOR;
  const named = themes[theme].get(color) ?? cssNames.get(color.toLowerCase());
  if (named !== undefined) return named;
  return parseColor(color) === undefined ? FALLBACK_COLOR : color;
}

/** Converts a colour of a dashboard to red, green and blue. */
export const rgbOf = (color: string | undefined, theme: ColorTheme): Rgb => parseColor(cssColor(color, theme))!;
