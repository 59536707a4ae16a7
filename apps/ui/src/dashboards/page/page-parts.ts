/** The parts of a dashboard's page that are visible. Parameters of the address can hide each of them. */
export interface PageParts {
  /** The bar of the app above the page. */
  readonly hasHeader: boolean;
  /** The bar with the dashboard's title and controls. `kiosk=tv` keeps the bar; any other `kiosk` hides it. */
  readonly hasBar: boolean;
  readonly hasTimePicker: boolean;
  readonly hasVariables: boolean;
  readonly hasLinks: boolean;
}

/** Reports whether the page is the print view, which shows all panels on sheets of paper. */
export const isPrinted = (params: URLSearchParams): boolean => params.get("print") === "true";

/**
 * Returns the parts that the parameters `kiosk`, `print` and `_dash.hide…` leave visible. A `_dash.hide…` parameter
 * applies whatever its value is.
 */
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

/** No visible parts: only the panels are shown, as in a frame or in print. */
export const noParts: PageParts = {
  hasHeader: false,
  hasBar: false,
  hasTimePicker: false,
  hasVariables: false,
  hasLinks: false,
};
