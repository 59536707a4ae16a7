/** Functions of the systeminformation library that the collectors use. Tests pass their own functions. */
export interface SystemInformation {
  mem(): Promise<{
    readonly total: number;
    readonly free: number;
    readonly available: number;
    readonly active: number;
    readonly buffers: number;
    readonly cached: number;
    /** Memory that can be reclaimed, on platforms that do not separate buffers and cache. */
    readonly buffcache: number;
    readonly swaptotal: number;
    readonly swapused: number;
    readonly swapfree: number;
  }>;
  fsSize(): Promise<
    readonly {
      readonly fs: string;
      readonly type: string;
      readonly size: number;
      readonly used: number;
      readonly available: number;
      readonly mount: string;
      readonly rw: boolean | null;
    }[]
  >;
  networkStats(interfaces: string): Promise<
    readonly {
      readonly iface: string;
      readonly rx_bytes: number;
      readonly rx_dropped: number;
      readonly rx_errors: number;
      readonly tx_bytes: number;
      readonly tx_dropped: number;
      readonly tx_errors: number;
    }[]
  >;
  disksIO(): Promise<{ readonly rIO: number; readonly wIO: number } | null>;
  fsStats(): Promise<{ readonly rx: number | null; readonly wx: number | null } | null>;
}

export type LoadSystemInformation = () => Promise<SystemInformation>;

/** Loads the library on first use; hosts with /proc never load it. */
export const loadSystemInformation: LoadSystemInformation = async () => (await import("systeminformation")).default;
