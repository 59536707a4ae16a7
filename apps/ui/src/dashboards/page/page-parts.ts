/** What of a dashboard's page its address lets be seen. */
export interface PageParts {
  /** The bar of the app above it. */
  readonly hasHeader: boolean;
  /** Title and controls; `tv` leaves them, `kiosk` alone takes them away. */
  readonly hasBar: boolean;
  readonly hasTimePicker: boolean;
  readonly hasVariables: boolean;
  readonly hasLinks: boolean;
}

/** Whether the page is one to be printed: all panels, on sheets of paper. */
export const isPrinted = (params: URLSearchParams): boolean => params.get("print") === "true";

/** Reads `kiosk`, `kiosk=tv` and `_dash.hide…`, each of which means yes with any value, and `print`. */
export function pageParts(params: URLSearchParams): PageParts {
  const kiosk = params.get("kiosk");
  const isKiosk = kiosk !== null && kiosk !== "false" && kiosk !== "0";
  if (isPrinted(params)) return noParts;
  return {
    hasHeader: !isKiosk,
    hasBar: !isKiosk || kiosk === "tv",
    hasTimePicker: !params.has("_dash.hideTimePicker"),
    hasVariables: !params.has("_dash.hideVariables"),
    hasLinks: !params.has("_dash.hideLinks"),
  };
}

/** The page of a panel that another page holds. */
export const noParts: PageParts = {
  hasHeader: false,
  hasBar: false,
  hasTimePicker: false,
  hasVariables: false,
  hasLinks: false,
};
