import type { Principal } from "@narthex/http";

/** The page of a rendering, the account whose rights the page has, and the format of the result. */
export interface RenderRequest {
  /** The account whose rights the page has. */
  readonly principal: Principal;
  readonly dashboardUid: string;
  /** Key of the only panel that is rendered; undefined for the whole dashboard. */
  readonly panelId?: string;
  /** URL parameters of the page: `from`, `to`, `var-…`. */
  readonly parameters: URLSearchParams;
  /** IANA name of the time zone; empty for the dashboard's or the machine's. */
  readonly zone: string;
  /** Theme; empty for that of the page's settings. */
  readonly theme: "light" | "dark" | "";
  readonly output: PictureOutput | DocumentOutput;
  readonly timeoutMs: number;
}

/** A picture of the page as PNG. */
export interface PictureOutput {
  readonly format: "png";
  /** Size in CSS pixels. The height -1 means the height of the whole dashboard. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the picture for each CSS pixel. */
  readonly scale: number;
}

/** A PDF with sheets of A4 paper. */
export interface DocumentOutput {
  readonly format: "pdf";
  readonly orientation: "portrait" | "landscape";
}
