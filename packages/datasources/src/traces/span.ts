/** An attribute of a span, of its service, or of an event. */
export interface KeyValue {
  readonly key: string;
  readonly value: unknown;
}

/** An event within a span. */
export interface SpanLog {
  /** Epoch time in ms, with fractions. */
  readonly timestamp: number;
  readonly name?: string;
  readonly fields: readonly KeyValue[];
}

/** A link from a span to another span, usually of another trace. */
export interface SpanReference {
  readonly traceID: string;
  readonly spanID: string;
  readonly tags: readonly KeyValue[];
}

/** The attributes of a service. Its spans share this object. */
export interface SpanService {
  readonly name: string;
  readonly tags: readonly KeyValue[];
}

/** A span of a trace. A store sets the optional properties if its format has them. */
export interface Span {
  readonly traceID: string;
  readonly spanID: string;
  /** Empty if the span has no parent. */
  readonly parentSpanID: string;
  readonly operationName: string;
  readonly service: SpanService;
  /** Epoch time in ms, with fractions. */
  readonly startTime: number;
  /** Duration in ms, with fractions. */
  readonly duration: number;
  readonly tags: readonly KeyValue[];
  readonly logs: readonly SpanLog[];
  readonly references?: readonly SpanReference[];
  readonly kind?: string;
  /** 0 if unset, 1 for success, 2 for an error. */
  readonly statusCode?: number;
  readonly statusMessage?: string;
  readonly libraryName?: string;
  readonly libraryVersion?: string;
  readonly traceState?: string;
  readonly warnings?: readonly string[];
  readonly stackTraces?: readonly string[];
}
