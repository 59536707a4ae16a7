/** JSON of a dashboard as it was read: keys that we do not know stay in it. */
export type JsonObject = { readonly [key: string]: unknown };

/** Where a colour begins. The first step of a list begins at -Infinity, which JSON writes as null. */
export interface ThresholdStep {
  readonly value: number;
  /** A name of Grafana's palette (`green`, `dark-red`, `semi-dark-blue`), or a CSS colour. */
  readonly color: string;
}

export interface Thresholds {
  /** Of percentages, steps are shares of the range between the field's min and max. */
  readonly mode: "absolute" | "percentage";
  /** Ascending. */
  readonly steps: readonly ThresholdStep[];
}

/** What a mapped value is shown as; what is absent stays as without the mapping. */
export interface MappingResult {
  readonly text?: string;
  readonly color?: string;
  readonly icon?: string;
  /** The order among results, where a panel sorts by them. */
  readonly index?: number;
}

/** Shows values as something else. The first that fits decides. */
export type ValueMapping =
  | { readonly type: "value"; readonly options: Readonly<Record<string, MappingResult>> }
  | {
      readonly type: "range";
      readonly options: { readonly from: number | null; readonly to: number | null; readonly result: MappingResult };
    }
  | { readonly type: "regex"; readonly options: { readonly pattern: string; readonly result: MappingResult } }
  | {
      readonly type: "special";
      readonly options: {
        readonly match: "true" | "false" | "null" | "nan" | "null+nan" | "empty";
        readonly result: MappingResult;
      };
    };

/** How a field gets its colour. */
export interface FieldColor {
  /** `fixed`, `shades`, `thresholds`, `palette-classic`, `palette-classic-by-name`, `continuous-GrYlRd` and others. */
  readonly mode: string;
  readonly fixedColor?: string;
  /** Which value of a series chooses its colour, for modes that go by value. */
  readonly seriesBy?: "last" | "min" | "max";
}

/** A link that a value carries; its address and title may hold variables. */
export interface DataLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank: boolean;
  /** Followed by a click on the value itself. */
  readonly oneClick: boolean;
}

/** How a field's values are shown. */
export interface FieldConfig {
  readonly displayName?: string;
  /** The name that the source gives, of a legend format for example. */
  readonly displayNameFromDS?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /** Each field has its own min and max where none is set, not those of all fields together. */
  readonly fieldMinMax?: boolean;
  readonly thresholds?: Thresholds;
  readonly mappings?: readonly ValueMapping[];
  readonly color?: FieldColor;
  readonly links?: readonly DataLink[];
  /** Shown in place of no value. */
  readonly noValue?: string;
  readonly filterable?: boolean;
  /** How reducers take nulls: leave them out, which is usual, as zeros, or count them. */
  readonly nullValueMode?: "connected" | "null as zero" | "null";
  /** Milliseconds between the points of a series, as the source knows it. */
  readonly interval?: number;
  /** What only the panel's kind understands. */
  readonly custom?: JsonObject;
}

/** Chooses fields: `byName`, `byRegexp`, `byType`, `byFrameRefID`, `byNames`, `byValue`. */
export interface Matcher {
  readonly id: string;
  readonly options?: unknown;
  /** Of an override: `nested` where it is for the tables within rows; absent: for the fields themselves. */
  readonly scope?: string;
}

/** Sets properties, by their path in `FieldConfig` (`unit`, `custom.lineWidth`), on fields that a matcher chooses. */
export interface FieldOverride {
  readonly matcher: Matcher;
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

/** A panel's settings of fields: defaults, then overrides in order, of which later ones win. */
export interface FieldConfigSource {
  readonly defaults: FieldConfig;
  readonly overrides: readonly FieldOverride[];
}
