/** The parts of a dashboard's page that its address shows. */
export interface PageParts {
  /** The bar of the app above the page. */
  readonly hasHeader: boolean;
  /** Title and controls. `kiosk=tv` keeps them; `kiosk` hides them. */
  readonly hasBar: boolean;
  readonly hasTimePicker: boolean;
  readonly hasVariables: boolean;
  readonly hasLinks: boolean;
}

/** Reports whether the page is for printing: all panels, on sheets of paper. */
export const isPrinted = (params: URLSearchParams): boolean => params.get("print") === "true";

/** Reads `kiosk`, `kiosk=tv`, `print` and `_dash.hide…`, which counts as set with any value. */
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

/** The parts of the page of an embedded panel. */
export const noParts: PageParts = {
  hasHeader: false,
  hasBar: false,
  hasTimePicker: false,
  hasVariables: false,
  hasLinks: false,
};
