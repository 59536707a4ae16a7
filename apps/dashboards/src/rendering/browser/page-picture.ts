import { RenderError } from "../render-error.ts";
import type { RenderRequest } from "../render-request.ts";
import type { DevToolsPipe, Message } from "./dev-tools-pipe.ts";

/** Name of the function that the page calls when all its panels are drawn, with the heights of content and window. */
const DRAWN = "narthexDrawn";
/** Height of the window before the height of the page is known, CSS pixels. */
const FIRST_HEIGHT = 800;
/** Maximum height of a picture, CSS pixels. A higher dashboard is cut off. */
const MAX_PICTURE_HEIGHT = 15_000;
/** Maximum number of changes of the window's height. */
const MAX_RESIZES = 3;
/** Maximum number of pixels of a picture. The scale is reduced for larger pages. */
const MAX_PIXELS = 40_000_000;
/** Size in bytes of the parts in which a PDF is read, and its maximum size. */
const [PART_BYTES, MAX_PDF_BYTES] = [256 * 1024, 32 * 1024 * 1024];
/** Size of the window in which a document is drawn before it is printed, CSS pixels. */
const PRINTED_WINDOW = { width: 1600, height: 1200 };
/** Size of A4 paper, inches. */
const PAPER = { paperWidth: 8.27, paperHeight: 11.69 };

export interface PageVisit {
  /** Address of the page, without secrets. */
  readonly url: string;
  /** Cookie that identifies the account of the rendering. */
  readonly cookie: { readonly name: string; readonly value: string };
  readonly request: Pick<RenderRequest, "output" | "zone" | "theme">;
}

/** Opens a page, waits until its panels are drawn, and resolves with the picture or document. Rejects with RenderError. */
export async function pagePicture(pipe: DevToolsPipe, visit: PageVisit): Promise<Uint8Array> {
  const page = await openTab(pipe);
  const drawn = new DrawnSignals(pipe);
  const { output, zone } = visit.request;
  await page("Network.enable");
  await page("Network.setCookie", { ...visit.cookie, url: visit.url, httpOnly: true, sameSite: "Strict" });
  await page("Page.enable");
  await page("Runtime.enable");
  await page("Runtime.addBinding", { name: DRAWN });
  // The print view opens the print dialog when it is drawn. Plugins and texts of users could open others.
  await page("Page.addScriptToEvaluateOnNewDocument", { source: "globalThis.print = () => undefined;" });
  if (zone !== "") await page("Emulation.setTimezoneOverride", { timezoneId: zone });
  return output.format === "pdf" ? printed(page, visit, drawn) : pictured(page, visit, output, drawn);
}

type CallPage = (method: string, parameters?: Message) => Promise<Message>;

async function openTab(pipe: DevToolsPipe): Promise<CallPage> {
  const { targetId } = await pipe.call("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await pipe.call("Target.attachToTarget", { targetId, flatten: true });
  pipe.on("Inspector.targetCrashed", () => pipe.fail(new RenderError("the page of the browser crashed")));
  return (method, parameters) => pipe.call(method, parameters, String(sessionId));
}

interface AwaitedSignal {
  readonly windowHeight: number;
  readonly resolve: (contentHeight: number) => void;
}

/** The signals of a page that its panels are drawn. Signals before the first `next` are ignored. */
class DrawnSignals {
  #awaited: AwaitedSignal | undefined;

  constructor(pipe: DevToolsPipe) {
    pipe.on("Runtime.bindingCalled", ({ name, payload }) => {
      if (name !== DRAWN || this.#awaited === undefined) return;
      const [contentHeight = 0, windowHeight] = String(payload).split(" ").map(Number);
      if (windowHeight !== this.#awaited.windowHeight) return;
      this.#awaited.resolve(contentHeight);
      this.#awaited = undefined;
    });
  }

  /**
   * Resolves at the next signal for a window of this height, with the height of the page's content, CSS pixels. Ignores
   * a late signal for an earlier height, because panels that only the new height shows are not drawn yet.
   */
  next(windowHeight: number): Promise<number> {
    return new Promise((resolve) => (this.#awaited = { windowHeight, resolve }));
  }
}

async function navigate(page: CallPage, url: string): Promise<void> {
  const { errorText } = await page("Page.navigate", { url });
  if (typeof errorText === "string" && errorText !== "")
    throw new RenderError(`the browser cannot open the page: ${errorText}`);
}

async function pictured(
  page: CallPage,
  { url }: PageVisit,
  { width, height, scale }: { readonly width: number; readonly height: number; readonly scale: number },
  drawn: DrawnSignals,
): Promise<Uint8Array> {
  const resize = async (high: number): Promise<void> => {
    const most = Math.sqrt(MAX_PIXELS / (width * high));
    const deviceScaleFactor = Math.min(scale, most);
    await page("Emulation.setDeviceMetricsOverride", { width, height: high, deviceScaleFactor, mobile: false });
  };
  const first = height > 0 ? height : FIRST_HEIGHT;
  await resize(first);
  let signal = drawn.next(first);
  await navigate(page, url);
  let needed = await signal;
  // The window gets the height of the dashboard, because panels outside of the window are not drawn. A panel whose
  // height depends on its content may change the height once more.
  let high = first;
  for (let tries = height > 0 ? MAX_RESIZES : 0; needed !== high && tries < MAX_RESIZES; tries++) {
    high = Math.min(Math.max(1, Math.ceil(needed)), MAX_PICTURE_HEIGHT);
    signal = drawn.next(high);
    await resize(high);
    needed = await signal;
    if (high === MAX_PICTURE_HEIGHT) break;
  }
  const { data } = await page("Page.captureScreenshot", { format: "png" });
  return Buffer.from(String(data), "base64");
}

async function printed(page: CallPage, { url, request }: PageVisit, drawn: DrawnSignals): Promise<Uint8Array> {
  // The panels print their backgrounds in any case. White paper stays white, but dark panels need dark paper.
  const isDark = request.theme === "dark";
  await page("Emulation.setDeviceMetricsOverride", { ...PRINTED_WINDOW, deviceScaleFactor: 2, mobile: false });
  const signal = drawn.next(PRINTED_WINDOW.height);
  await navigate(page, url);
  await signal;
  const options = { printBackground: isDark, preferCSSPageSize: true, transferMode: "ReturnAsStream", ...PAPER };
  const { stream } = await page("Page.printToPDF", options);
  const parts: Buffer[] = [];
  for (let bytes = 0, eof: unknown = false; eof !== true;) {
    const part = await page("IO.read", { handle: stream, size: PART_BYTES });
    const data = Buffer.from(String(part["data"]), part["base64Encoded"] === true ? "base64" : "latin1");
    bytes += data.length;
    if (bytes > MAX_PDF_BYTES) throw new RenderError(`the PDF is larger than ${MAX_PDF_BYTES} bytes`);
    parts.push(data);
    ({ eof } = part);
  }
  return Buffer.concat(parts);
}
