/** JSON of a dashboard as it was read, including unknown keys. */
export type JsonObject = { readonly [key: string]: unknown };

/**
 * A step of thresholds: a value and the colour from this value on. The first step of a list begins at -Infinity, which
 * JSON writes as null.
 */
export interface ThresholdStep {
  readonly value: number;
  /** Colour: a name of Grafana's palette (`green`, `dark-red`, `semi-dark-blue`), or a CSS colour. */
  readonly color: string;
}

export interface Thresholds {
  /**
   * Meaning of the steps' values. With `percentage`, they are percent (0 to 100) of the range between the field's min
   * and max.
   */
  readonly mode: "absolute" | "percentage";
  /** Steps with ascending values. */
  readonly steps: readonly ThresholdStep[];
}

/** How a mapped value is shown. Absent properties are not changed by the mapping. */
export interface MappingResult {
  readonly text?: string;
  readonly color?: string;
  readonly icon?: string;
  /** Position among the results of the mapping, for panels that sort by it. */
  readonly index?: number;
}

/**
 * A value mapping, which replaces the text, colour or icon of certain values. The first mapping that matches applies.
 */
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

export interface FieldColor {
  /**
   * Id of a colour mode: `fixed`, `shades`, `thresholds`, `palette-classic`, `palette-classic-by-name`,
   * `continuous-GrYlRd` and others.
   */
  readonly mode: string;
  readonly fixedColor?: string;
  /** For colour modes by value: which value of a series determines its colour. */
  readonly seriesBy?: "last" | "min" | "max";
}

/** A query that a link opens on the Explore page. Texts of the query may contain variables of the value. */
export interface InternalLink {
  readonly datasourceUid: string;
  readonly datasourceName: string;
  readonly query: JsonObject;
  /** State of the panels on the page, such as the span that the view of a trace opens. */
  readonly panelsState?: JsonObject;
  /** Set if the link leads from a span to its log lines or metrics. */
  readonly narthexSpan?: SpanLinkRule;
}

/** How a link selects the log lines or metrics of a span. */
export interface SpanLinkRule {
  /** Attributes of the span, and the labels whose values they are. An empty label has the name of the attribute. */
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** Shifts of the start and the end of the span's time, ms. */
  readonly startShiftMs: number;
  readonly endShiftMs: number;
  /** Whether a span without these attributes has no link. */
  readonly needsTags?: boolean;
}

/** A data link of a value. Its URL and title may contain variables. */
export interface DataLink {
  readonly title: string;
  readonly url: string;
  readonly targetBlank: boolean;
  /** Whether a click on the value itself follows the link. */
  readonly oneClick: boolean;
  /** The query that the link opens. If present, the URL is not used. */
  readonly internal?: InternalLink;
}

export interface FieldConfig {
  readonly displayName?: string;
  /** Name that the data source sets, for example from a legend format. */
  readonly displayNameFromDS?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /**
   * Whether a field without min and max uses the limits of its own values. If false, the field uses the limits of all
   * fields.
   */
  readonly fieldMinMax?: boolean;
  readonly thresholds?: Thresholds;
  readonly mappings?: readonly ValueMapping[];
  readonly color?: FieldColor;
  readonly links?: readonly DataLink[];
  /** Text that is shown if there is no value. */
  readonly noValue?: string;
  readonly filterable?: boolean;
  /** How reducers handle nulls: ignore them (the default), count them as zeros, or include them. */
  readonly nullValueMode?: "connected" | "null as zero" | "null";
  /** Step between the points of a series, ms, as the source reports it. */
  readonly interval?: number;
  /** Settings that only one kind of panel understands. */
  readonly custom?: JsonObject;
}

/** Selects fields: `byName`, `byRegexp`, `byType`, `byFrameRefID`, `byNames`, `byValue`. */
export interface Matcher {
  readonly id: string;
  readonly options?: unknown;
  /**
   * For an override: `nested` applies it to the tables inside rows. If absent, the override applies to the fields
   * themselves.
   */
  readonly scope?: string;
}

/**
 * Sets properties, by their path in `FieldConfig` (`unit`, `custom.lineWidth`), on the fields that a matcher selects.
 */
export interface FieldOverride {
  readonly matcher: Matcher;
  readonly properties: readonly { readonly id: string; readonly value?: unknown }[];
}

/**
 * A panel's settings of fields: first the defaults, then the overrides in order. A later override takes precedence over
 * earlier ones.
 */
export interface FieldConfigSource {
  readonly defaults: FieldConfig;
  readonly overrides: readonly FieldOverride[];
}
