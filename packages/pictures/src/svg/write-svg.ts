import type { Rect } from "../scene/rect.ts";
import type { Paint, Scene, Shape, TextLine } from "../scene/scene.ts";

const FONT = "'DejaVu Sans', Verdana, 'Segoe UI', sans-serif";

const ENTITIES = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES.get(character)!);
const number = (value: number): string => String(Number.isFinite(value) ? Math.round(value * 100) / 100 : 0);

/** Writes the shapes of a picture as an SVG document. The document contains no scripts and refers to no other file. */
export function sceneSvg(scene: Scene): string {
  const { width, height } = scene;
  const clips = new Clips();
  const shapes = scene.shapes.map((shape) => shapeSvg(shape, clips)).join("");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="${FONT}">${clips.svg}<rect width="${width}" height="${height}" fill="${scene.background}"/>`,
    `${shapes}</svg>\n`,
  ].join("");
}

/** The clip paths of a document. Shapes with equal rectangles share one. */
class Clips {
  readonly #ids = new Map<string, string>();

  attribute({ x, y, width, height }: Rect): string {
    const rect = `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"/>`;
    const id = this.#ids.get(rect) ?? `clip${this.#ids.size}`;
    this.#ids.set(rect, id);
    return ` clip-path="url(#${id})"`;
  }

  get svg(): string {
    const paths = [...this.#ids].map(([rect, id]) => `<clipPath id="${id}">${rect}</clipPath>`);
    return paths.length === 0 ? "" : `<defs>${paths.join("")}</defs>`;
  }
}

const paintSvg = (name: "fill" | "stroke", { color, opacity = 1 }: Paint): string =>
  ` ${name}="${escaped(color)}"${opacity === 1 ? "" : ` ${name}-opacity="${number(opacity)}"`}`;

function shapeSvg(shape: Shape, clips: Clips): string {
  switch (shape.kind) {
    case "box":
      return `<rect x="${number(shape.x)}" y="${number(shape.y)}" width="${number(shape.width)}" height="${number(shape.height)}"${paintSvg("fill", shape)}/>`;
    case "line":
      return `<path d="${pathData(shape.points)}" fill="none" stroke-width="${number(shape.width)}" stroke-linejoin="round" stroke-linecap="round"${paintSvg("stroke", shape)}${clips.attribute(shape.clip)}/>`;
    case "area":
      return `<path d="${pathData(shape.points)}Z"${paintSvg("fill", shape)}${clips.attribute(shape.clip)}/>`;
    case "text":
      return textSvg(shape);
    default:
      return shape;
  }
}

/** Returns the path through points. A single point becomes a line of length 0, which round ends show as a dot. */
function pathData(points: Float64Array): string {
  const parts: string[] = [];
  let isOpen = false;
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    if (Number.isNaN(x) || Number.isNaN(y)) {
      isOpen = false;
      continue;
    }
    const isAlone = !isOpen && !(points[i + 2]! + points[i + 3]! < Infinity);
    parts.push(`${isOpen ? "L" : "M"}${number(x)} ${number(y)}${isAlone ? "h0" : ""}`);
    isOpen = true;
  }
  return parts.join("");
}

function textSvg({ x, y, text, size, anchor, isBold, ...paint }: TextLine): string {
  if (text === "") return "";
  const style = `${anchor === "start" ? "" : ` text-anchor="${anchor}"`}${isBold ? ' font-weight="bold"' : ""}`;
  return `<text x="${number(x)}" y="${number(y)}" font-size="${number(size)}" xml:space="preserve"${style}${paintSvg("fill", paint)}>${escaped(text)}</text>`;
}
