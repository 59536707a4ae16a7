/** The visible parts of a dashboard page. URL parameters can hide parts. */
export interface PageParts {
  /** The navigation bar at the top of the page. */
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
 * Returns which parts of the page are visible, from the URL parameters `kiosk`, `print` and `_dash.hide…`. The value of
 * a `_dash.hide…` parameter is ignored.
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

/** Hides everything except the panels, as in an embedded or printed page. */
export const noParts: PageParts = {
  hasHeader: false,
  hasBar: false,
  hasTimePicker: false,
  hasVariables: false,
  hasLinks: false,
};
