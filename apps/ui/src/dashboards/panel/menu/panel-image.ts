import { formatTime } from "@narthex/dashboards";
import { shownTimeZone } from "../../../shell/time-zone.ts";
import { nowMs } from "../../../time/browser-clock.ts";
import { fileName } from "../inspect/frame-csv.ts";
import { download } from "../../../shell/download.ts";

const SVG = "http://www.w3.org/2000/svg";
const XHTML = "http://www.w3.org/1999/xhtml";

/** CSS selector for controls that are not part of a saved image. */
const CONTROLS = '[aria-haspopup="menu"], [data-image="out"]';

/** Copies computed styles to an element's copy, so that it needs no style sheets. */
function copyStyles(from: Element, to: Element): void {
  if (!(to instanceof HTMLElement || to instanceof SVGElement)) return;
  const computed = getComputedStyle(from);
  let text = "";
  for (const name of computed) if (!name.startsWith("--")) text += `${name}:${computed.getPropertyValue(name)};`;
  to.setAttribute("style", text);
}

function pictureOf(canvas: HTMLCanvasElement): HTMLImageElement {
  const picture = document.createElement("img");
  picture.src = canvas.toDataURL();
  return picture;
}

/** Returns a copy of an element with inline styles. */
function standaloneCopy(element: Element): Element {
  const copy = element instanceof HTMLCanvasElement ? pictureOf(element) : (element.cloneNode(false) as Element);
  copyStyles(element, copy);
  for (const child of element.childNodes) {
    if (child instanceof Element) {
      if (!child.matches(CONTROLS)) copy.append(standaloneCopy(child));
    } else if (child.nodeType === Node.TEXT_NODE) copy.append(child.cloneNode());
  }
  return copy;
}

/** Returns a drawn panel as SVG. Texts stay texts, and canvases become images. */
function svgOfPanel(panel: HTMLElement): string {
  const { width, height } = panel.getBoundingClientRect();
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", String(width));
  svg.setAttribute("height", String(height));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const page = document.createElementNS(SVG, "foreignObject");
  page.setAttribute("width", "100%");
  page.setAttribute("height", "100%");
  const copy = standaloneCopy(panel) as HTMLElement;
  copy.setAttribute("xmlns", XHTML);
  copy.style.background = opaqueGround(panel);
  page.append(copy);
  svg.append(page);
  return new XMLSerializer().serializeToString(svg);
}

/**
 * Returns the background colour of a panel. If it is transparent, returns the colour of the nearest ancestor that is
 * not.
 */
function opaqueGround(panel: HTMLElement): string {
  for (let element: HTMLElement | null = panel; element !== null; element = element.parentElement) {
    const { backgroundColor } = getComputedStyle(element);
    if (!/^(?:transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor;
  }
  return "white";
}

/**
 * Returns an image after it was loaded. `decode()` is not used, since it waits for the next frame, and a hidden page
 * draws no frames.
 */
function loaded(address: string): Promise<HTMLImageElement> {
  const picture = new Image();
  return new Promise((resolve, reject) => {
    picture.onload = () => resolve(picture);
    picture.onerror = () => reject(new Error("The browser cannot draw the panel as an image."));
    picture.src = address;
  });
}

/** Returns the drawn panel as a PNG image in the screen's resolution. Rejects if the browser cannot draw it. */
async function pngOfPanel(panel: HTMLElement): Promise<Blob> {
  const { width, height } = panel.getBoundingClientRect();
  const picture = await loaded(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgOfPanel(panel))}`);
  const canvas = document.createElement("canvas");
  const scale = Math.max(1, devicePixelRatio);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const brush = canvas.getContext("2d");
  if (brush === null) throw new Error("The browser cannot draw images.");
  brush.scale(scale, scale);
  brush.drawImage(picture, 0, 0);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) =>
      blob === null ? reject(new Error("The browser could not create the image.")) : resolve(blob),
    ),
  );
}

/** Saves a panel of the page as an image. Does nothing if the panel is not drawn. */
export async function saveImage(panelKey: string, title: string, form: "png" | "svg"): Promise<void> {
  const panel = document.querySelector<HTMLElement>(`[data-panel-key="${CSS.escape(panelKey)}"]`);
  if (panel === null) return;
  const name = `${fileName(title)}-${formatTime(nowMs(), shownTimeZone(), "YYYY-MM-DD HH_mm_ss")}.${form}`;
  const content = form === "png" ? await pngOfPanel(panel) : new Blob([svgOfPanel(panel)], { type: "image/svg+xml" });
  download(name, content);
}
