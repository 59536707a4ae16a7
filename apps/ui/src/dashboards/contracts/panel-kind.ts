import type {
  EarlierFrames,
  Field,
  Frame,
  Panel,
  PanelKind,
  ResolvedTimeRange,
  ResolvedDataLink,
  ValuePlace,
} from "@narthex/dashboards";
import type { ComponentType } from "react";
import type { LoadedComponent } from "../../shell/when-loaded.tsx";
import type { MarkedAlert, MarkedSilence } from "./marked-alert.ts";
import type { FieldView } from "./field-view.ts";
import type { PlotTheme } from "../../plot/plot-theme.ts";
import type { OptionTable } from "./option-table.ts";

/** A mark on a time axis: an annotation, alert or silence, at a point in time or for a time range. */
export interface PanelAnnotation {
  /** Time of the event or start of the range, epoch ms. */
  readonly time: number;
  /** End of a range, epoch ms; undefined for a point in time. */
  readonly timeEnd?: number;
  readonly title: string;
  /** Text of the annotation. The text may contain HTML that other users wrote. */
  readonly text: string;
  readonly tags: readonly string[];
  /** A CSS colour. */
  readonly color: string;
  /** Id of an annotation that is stored on the server. Users can change such annotations. Undefined for other marks. */
  readonly id?: number;
  /** The alert that this mark on the time axis represents. */
  readonly alert?: MarkedAlert;
  /** The silence that this mark on the time axis represents. */
  readonly silence?: MarkedSilence;
}

/** A rectangle in the window, CSS pixels. */
export interface PageRect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Marks on a time axis (annotations, alerts, silences) that are under the mouse pointer. */
export interface PointedMarks {
  readonly marks: readonly PanelAnnotation[];
  /** Position and size of the symbol below the plot that represents these marks. */
  readonly rect: PageRect;
  /** Whether the details of the marks stay open until the user closes them. */
  readonly isKept: boolean;
}

/** The position of a value in the data frames, from which its data links are computed. */
export type LinkedValue = Pick<ValuePlace, "frame" | "field" | "row" | "reduced">;

/** Data and actions that a panel's renderer gets from the dashboard. */
export interface PanelContext {
  readonly theme: PlotTheme;
  /** IANA name of the time zone. */
  readonly zone: string;
  /** Time of the last refresh, epoch ms. Relative times such as "5 minutes ago" refer to it. */
  readonly now: number;
  /** Time range that the panel's time axis shows. */
  readonly range: ResolvedTimeRange;
  readonly onZoom: (range: ResolvedTimeRange) => void;
  /** Panels with the same key show the crosshair together. Undefined if the crosshair is not shared. */
  readonly syncKey: string | undefined;
  readonly isTooltipShared: boolean;
  /**
   * Data of the earlier time range for comparison, or undefined without a comparison. `viewOf` also accepts these
   * fields.
   */
  readonly earlier?: EarlierFrames | undefined;
  /** Marks on the time axis, ordered by time. */
  readonly annotations: readonly PanelAnnotation[];
  /**
   * Called with the marks on the time axis that are under the mouse pointer so that their details are shown, or with
   * null.
   */
  readonly onMarks: (pointed: PointedMarks | null) => void;
  /** Opens the form for a new annotation; undefined if the user may not create annotations. */
  readonly onAnnotate: ((range: ResolvedTimeRange, rect: PageRect) => void) | undefined;
  /** Returns how a field of this panel's frames is displayed. */
  readonly viewOf: (field: Field, frame: Frame) => FieldView;
  /** Returns the valid links of a value. A click on the value follows the first link. */
  readonly linksOf: (value: LinkedValue) => readonly ResolvedDataLink[];
  /** Returns the CSS colour of a colour name in the palette. */
  readonly cssColor: (color: string) => string;
  /** Replaces variables in a text. */
  readonly fill: (text: string) => string;
}

/** Properties of a panel's renderer. Transformations and field settings are already applied to the frames. */
export interface PanelProps {
  readonly panel: Panel;
  readonly frames: readonly Frame[];
  /** Size of the panel's content, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly context: PanelContext;
}

/** The code of a panel type, which is loaded when a dashboard uses the type. */
export interface PanelModule {
  readonly Panel: ComponentType<PanelProps>;
  /** Table of the panel's `options`. */
  readonly options: OptionTable;
  /** Definitions of the `custom` settings of fields. */
  readonly fieldOptions: OptionTable;
}

export interface DrawnKind extends PanelKind {
  readonly load: () => Promise<PanelModule>;
  readonly Panel: LoadedComponent<PanelProps>;
}
