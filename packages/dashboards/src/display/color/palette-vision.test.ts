import { expect, test } from "vitest";
import { colorModes, findColorMode } from "./color-mode.ts";
import { contrastRatio, parseColor, type Rgb } from "./css-color.ts";
import { heatPalette } from "./heat-schemes.ts";
import { cssColor } from "./named-colors.ts";

const THEMES = ["dark", "light"] as const;
/** Smallest contrast between a graphic and its background, by WCAG 1.4.11. */
const MIN_CONTRAST = 3;
/** Smallest distance of two colours in CIE Lab. Closer colours look the same on thin lines. */
const MIN_DISTANCE = 11;

type Triple = readonly [number, number, number];

/**
 * Matrices that simulate the lack of one kind of cone, for linear red, green and blue: Machado, Oliveira and Fernandes,
 * 2009.
 */
const visions: Readonly<Record<string, readonly [Triple, Triple, Triple]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const linear = (value: number): number =>
  value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;

/**
 * Returns a colour in CIE Lab as a person with the given vision sees it. Distances in CIE Lab match perceived
 * differences.
 */
function labOf({ r, g, b }: Rgb, vision: readonly [Triple, Triple, Triple]): Triple {
  const from = [linear(r), linear(g), linear(b)] as const;
  const times = (row: Triple, by: Triple): number => row[0] * by[0] + row[1] * by[1] + row[2] * by[2];
  const seen = vision.map((row) => Math.min(1, Math.max(0, times(row, from)))) as unknown as Triple;
  const f = (value: number): number => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = f(times([0.4124564, 0.3575761, 0.1804375], seen) / 0.95047);
  const y = f(times([0.2126729, 0.7151522, 0.072175], seen));
  const z = f(times([0.0193339, 0.119192, 0.9503041], seen) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const rgb = (color: string): Rgb => parseColor(color)!;
const distance = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

for (const theme of THEMES) {
  const ground = rgb(cssColor("panel-bg", theme));

  test.each(Object.keys(visions))(
    `the colours of the colour-blind palette are distinguishable with %s, ${theme}`,
    (vision) => {
      const colors = findColorMode("palette-colorblind").colors(theme);
      expect(colors.length).toBeGreaterThanOrEqual(5);
      const seen = colors.map((color) => labOf(rgb(color), visions[vision]!));
      const near = seen.flatMap((one, at) =>
        seen
          .slice(at + 1)
          .flatMap((other, next) =>
            distance(one, other) < MIN_DISTANCE
              ? [`${colors[at]} ${colors[at + 1 + next]} ${distance(one, other)}`]
              : [],
          ),
      );
      expect(near).toEqual([]);
    },
  );

  test.each(Object.keys(visions))(`neighbouring series in a legend are distinguishable with %s, ${theme}`, (vision) => {
    const colors = findColorMode("palette-classic").colors(theme).slice(0, 12);
    const seen = colors.map((color) => labOf(rgb(color), visions[vision]!));
    for (let at = 1; at < seen.length; at++)
      expect(distance(seen[at]!, seen[at - 1]!), `${colors[at - 1]} ${colors[at]}`).toBeGreaterThan(MIN_DISTANCE);
  });

  test(`palettes that are chosen automatically have enough contrast with the panel, ${theme}`, () => {
    for (const id of ["palette-colorblind", "palette-classic-by-name"])
      for (const color of findColorMode(id).colors(theme))
        expect(contrastRatio(rgb(color), ground), `${id} ${color}`).toBeGreaterThanOrEqual(MIN_CONTRAST);
  });

  test(`scales for all readers become steadily brighter or darker from end to end, ${theme}`, () => {
    const accessible = colorModes.filter(({ group, by }) => group === "Accessible" && by === "value");
    const heat = ["Viridis", "Cividis", "Oranges", "Blues"].map((scheme) =>
      heatPalette(
        { mode: "scheme", scheme, fill: ground, scale: "linear", exponent: 1, steps: 9, isReversed: false },
        theme,
      ),
    );
    for (const colors of [...accessible.map((mode) => mode.colors(theme)), ...heat])
      for (const vision of Object.values(visions)) {
        const lights = colors.map((color) => labOf(rgb(color), vision)[0]);
        const sign = Math.sign(lights.at(-1)! - lights[0]!);
        for (let at = 1; at < lights.length; at++)
          expect(sign * (lights[at]! - lights[at - 1]!), colors.join(" ")).toBeGreaterThan(0);
      }
  });
}
