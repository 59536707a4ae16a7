/**
 * How values of a unit are written: a family of forms, followed by the parameters of the family.
 * - `number`: the number alone. `fixed`: the number, a space and the symbol
 * - `si`, `iec`: a prefix for powers of 1000 or 1024, and the symbol. `offset` is the prefix in which the values are
 *   given (1: the values are in kilo)
 * - `count`: K, M, B or T, and the symbol. `currency`, `currencyAfter`: the same with the symbol before or after
 * - `date`: a pattern, and optionally another pattern for times of today
 * - `time`: the unit of the values; longer times are shown in larger units
 * - `duration`, `clock`: the number of milliseconds that the value 1 means
 * - `boolean`: the words for true and false
 */
export type UnitForm =
  | readonly ["number" | "string" | "short" | "psi" | "percent" | "percentOfOne"]
  | readonly ["hex" | "hexPrefixed" | "scientific" | "locale"]
  | readonly ["localDate" | "localDateOrTime" | "systemDate" | "fromNow"]
  | readonly ["hms" | "dhms" | "timeTicks"]
  | readonly ["fixed" | "count" | "currency" | "currencyAfter", symbol: string]
  | readonly ["si" | "iec", symbol: string, offset?: number]
  | readonly ["boolean", yes: string, no: string]
  | readonly ["time", unit: "ns" | "µs" | "ms" | "s" | "m" | "h" | "d"]
  | readonly ["duration" | "clock", milliseconds: number]
  | readonly ["date", pattern: string, todayPattern?: string];

/** A unit in the table: its id, its name in the editor, then its form. */
type UnitLine = readonly [id: string, name: string, ...form: UnitForm];

export interface UnitCategory {
  readonly name: string;
  readonly units: readonly UnitLine[];
}

/**
 * The units of Grafana 13, in the order in which the editor lists them. To add a unit: (1) add a line here; (2) if no
 * form suits, add a form in `unit-formatter.ts`.
 */
export const unitCategories: readonly UnitCategory[] = [
  {
    name: "Misc",
    units: [
      ["none", "Number", "number"],
      ["string", "String", "string"],
      ["short", "short", "short"],
      ["sishort", "SI short", "si", ""],
      ["percent", "Percent (0-100)", "percent"],
      ["percentunit", "Percent (0.0-1.0)", "percentOfOne"],
      ["humidity", "Humidity (%H)", "fixed", "%H"],
      ["dB", "Decibel", "fixed", "dB"],
      ["candela", "Candela (cd)", "si", "cd"],
      ["hex0x", "Hexadecimal (0x)", "hexPrefixed"],
      ["hex", "Hexadecimal", "hex"],
      ["sci", "Scientific notation", "scientific"],
      ["locale", "Locale format", "locale"],
      ["pixel", "Pixels", "fixed", "px"],
    ],
  },
  {
    name: "Acceleration",
    units: [
      ["accMS2", "Meters/sec²", "fixed", "m/sec²"],
      ["accFS2", "Feet/sec²", "fixed", "f/sec²"],
      ["accG", "G unit", "fixed", "g"],
    ],
  },
  {
    name: "Angle",
    units: [
      ["degree", "Degrees (°)", "fixed", "°"],
      ["radian", "Radians", "fixed", "rad"],
      ["grad", "Gradian", "fixed", "grad"],
      ["arcmin", "Arc Minutes", "fixed", "arcmin"],
      ["arcsec", "Arc Seconds", "fixed", "arcsec"],
    ],
  },
  {
    name: "Area",
    units: [
      ["areaM2", "Square Meters (m²)", "fixed", "m²"],
      ["areaF2", "Square Feet (ft²)", "fixed", "ft²"],
      ["areaMI2", "Square Miles (mi²)", "fixed", "mi²"],
      ["acres", "Acres (ac)", "fixed", "ac"],
      ["hectares", "Hectares (ha)", "fixed", "ha"],
    ],
  },
  {
    name: "Computation",
    units: [
      ["flops", "FLOP/s", "si", "FLOPS"],
      ["mflops", "MFLOP/s", "si", "FLOPS", 2],
      ["gflops", "GFLOP/s", "si", "FLOPS", 3],
      ["tflops", "TFLOP/s", "si", "FLOPS", 4],
      ["pflops", "PFLOP/s", "si", "FLOPS", 5],
      ["eflops", "EFLOP/s", "si", "FLOPS", 6],
      ["zflops", "ZFLOP/s", "si", "FLOPS", 7],
      ["yflops", "YFLOP/s", "si", "FLOPS", 8],
    ],
  },
  {
    name: "Concentration",
    units: [
      ["ppm", "parts-per-million (ppm)", "fixed", "ppm"],
      ["conppb", "parts-per-billion (ppb)", "fixed", "ppb"],
      ["conngm3", "nanogram per cubic meter (ng/m³)", "fixed", "ng/m³"],
      ["conngNm3", "nanogram per normal cubic meter (ng/Nm³)", "fixed", "ng/Nm³"],
      ["conμgm3", "microgram per cubic meter (μg/m³)", "fixed", "μg/m³"],
      ["conμgNm3", "microgram per normal cubic meter (μg/Nm³)", "fixed", "μg/Nm³"],
      ["conmgm3", "milligram per cubic meter (mg/m³)", "fixed", "mg/m³"],
      ["conmgNm3", "milligram per normal cubic meter (mg/Nm³)", "fixed", "mg/Nm³"],
      ["congm3", "gram per cubic meter (g/m³)", "fixed", "g/m³"],
      ["congNm3", "gram per normal cubic meter (g/Nm³)", "fixed", "g/Nm³"],
      ["conmgdL", "milligrams per decilitre (mg/dL)", "fixed", "mg/dL"],
      ["conmmolL", "millimoles per litre (mmol/L)", "fixed", "mmol/L"],
    ],
  },
  {
    name: "Currency",
    units: [
      ["currencyUSD", "Dollars ($)", "currency", "$"],
      ["currencyGBP", "Pounds (£)", "currency", "£"],
      ["currencyEUR", "Euro (€)", "currency", "€"],
      ["currencyJPY", "Yen (¥)", "currency", "¥"],
      ["currencyRUB", "Rubles (₽)", "currency", "₽"],
      ["currencyUAH", "Hryvnias (₴)", "currency", "₴"],
      ["currencyBRL", "Real (R$)", "currency", "R$"],
      ["currencyDKK", "Danish Krone (kr)", "currencyAfter", "kr"],
      ["currencyISK", "Icelandic Króna (kr)", "currencyAfter", "kr"],
      ["currencyNOK", "Norwegian Krone (kr)", "currencyAfter", "kr"],
      ["currencySEK", "Swedish Krona (kr)", "currencyAfter", "kr"],
      ["currencyCZK", "Czech koruna (czk)", "currency", "czk"],
      ["currencyCHF", "Swiss franc (CHF)", "currency", "CHF"],
      ["currencyPLN", "Polish Złoty (PLN)", "currency", "PLN"],
      ["currencyBTC", "Bitcoin (฿)", "currency", "฿"],
      ["currencymBTC", "Milli Bitcoin (฿)", "currency", "mBTC"],
      ["currencyμBTC", "Micro Bitcoin (฿)", "currency", "μBTC"],
      ["currencyZAR", "South African Rand (R)", "currency", "R"],
      ["currencyINR", "Indian Rupee (₹)", "currency", "₹"],
      ["currencyKRW", "South Korean Won (₩)", "currency", "₩"],
      ["currencyIDR", "Indonesian Rupiah (Rp)", "currency", "Rp"],
      ["currencyPHP", "Philippine Peso (PHP)", "currency", "PHP"],
      ["currencyVND", "Vietnamese Dong (VND)", "currencyAfter", "đ"],
      ["currencyTRY", "Turkish Lira (₺)", "currencyAfter", "₺"],
      ["currencyMYR", "Malaysian Ringgit (RM)", "currency", "RM"],
      ["currencyXPF", "CFP franc (XPF)", "currency", "XPF"],
      ["currencyBGN", "Bulgarian Lev (BGN)", "currency", "BGN"],
      ["currencyPYG", "Guaraní (₲)", "currency", "₲"],
      ["currencyUYU", "Uruguay Peso (UYU)", "currency", "UYU"],
      ["currencyILS", "Israeli New Shekels (₪)", "currency", "₪"],
    ],
  },
  {
    name: "Data",
    units: [
      ["bytes", "bytes(IEC)", "iec", "B"],
      ["decbytes", "bytes(SI)", "si", "B"],
      ["bits", "bits(IEC)", "iec", "b"],
      ["decbits", "bits(SI)", "si", "b"],
      ["kbytes", "kibibytes", "iec", "B", 1],
      ["deckbytes", "kilobytes", "si", "B", 1],
      ["mbytes", "mebibytes", "iec", "B", 2],
      ["decmbytes", "megabytes", "si", "B", 2],
      ["gbytes", "gibibytes", "iec", "B", 3],
      ["decgbytes", "gigabytes", "si", "B", 3],
      ["tbytes", "tebibytes", "iec", "B", 4],
      ["dectbytes", "terabytes", "si", "B", 4],
      ["pbytes", "pebibytes", "iec", "B", 5],
      ["decpbytes", "petabytes", "si", "B", 5],
    ],
  },
  {
    name: "Data rate",
    units: [
      ["pps", "packets/sec", "si", "p/s"],
      ["binBps", "bytes/sec(IEC)", "iec", "B/s"],
      ["Bps", "bytes/sec(SI)", "si", "B/s"],
      ["binbps", "bits/sec(IEC)", "iec", "b/s"],
      ["bps", "bits/sec(SI)", "si", "b/s"],
      ["KiBs", "kibibytes/sec", "iec", "B/s", 1],
      ["Kibits", "kibibits/sec", "iec", "b/s", 1],
      ["KBs", "kilobytes/sec", "si", "B/s", 1],
      ["Kbits", "kilobits/sec", "si", "b/s", 1],
      ["MiBs", "mebibytes/sec", "iec", "B/s", 2],
      ["Mibits", "mebibits/sec", "iec", "b/s", 2],
      ["MBs", "megabytes/sec", "si", "B/s", 2],
      ["Mbits", "megabits/sec", "si", "b/s", 2],
      ["GiBs", "gibibytes/sec", "iec", "B/s", 3],
      ["Gibits", "gibibits/sec", "iec", "b/s", 3],
      ["GBs", "gigabytes/sec", "si", "B/s", 3],
      ["Gbits", "gigabits/sec", "si", "b/s", 3],
      ["TiBs", "tebibytes/sec", "iec", "B/s", 4],
      ["Tibits", "tebibits/sec", "iec", "b/s", 4],
      ["TBs", "terabytes/sec", "si", "B/s", 4],
      ["Tbits", "terabits/sec", "si", "b/s", 4],
      ["PiBs", "pebibytes/sec", "iec", "B/s", 5],
      ["Pibits", "pebibits/sec", "iec", "b/s", 5],
      ["PBs", "petabytes/sec", "si", "B/s", 5],
      ["Pbits", "petabits/sec", "si", "b/s", 5],
    ],
  },
  {
    name: "Date & time",
    units: [
      ["dateTimeAsIso", "Datetime ISO", "date", "YYYY-MM-DD HH:mm:ss"],
      ["dateTimeAsIsoNoDateIfToday", "Datetime ISO (No date if today)", "date", "YYYY-MM-DD HH:mm:ss", "HH:mm:ss"],
      ["dateTimeAsUS", "Datetime US", "date", "MM/DD/YYYY h:mm:ss a"],
      ["dateTimeAsUSNoDateIfToday", "Datetime US (No date if today)", "date", "MM/DD/YYYY h:mm:ss a", "h:mm:ss a"],
      ["dateTimeAsLocal", "Datetime local", "localDate"],
      ["dateTimeAsLocalNoDateIfToday", "Datetime local (No date if today)", "localDateOrTime"],
      ["dateTimeAsSystem", "Datetime default", "systemDate"],
      ["dateTimeFromNow", "From Now", "fromNow"],
    ],
  },
  {
    name: "Energy",
    units: [
      ["watt", "Watt (W)", "si", "W"],
      ["kwatt", "Kilowatt (kW)", "si", "W", 1],
      ["megwatt", "Megawatt (MW)", "si", "W", 2],
      ["gwatt", "Gigawatt (GW)", "si", "W", 3],
      ["mwatt", "Milliwatt (mW)", "si", "W", -1],
      ["Wm2", "Watt per square meter (W/m²)", "si", "W/m²"],
      ["voltamp", "Volt-Ampere (VA)", "si", "VA"],
      ["kvoltamp", "Kilovolt-Ampere (kVA)", "si", "VA", 1],
      ["voltampreact", "Volt-Ampere reactive (VAr)", "si", "VAr"],
      ["kvoltampreact", "Kilovolt-Ampere reactive (kVAr)", "si", "VAr", 1],
      ["watth", "Watt-hour (Wh)", "si", "Wh"],
      ["watthperkg", "Watt-hour per Kilogram (Wh/kg)", "si", "Wh/kg"],
      ["kwatth", "Kilowatt-hour (kWh)", "si", "Wh", 1],
      ["kwattm", "Kilowatt-min (kWm)", "si", "W-Min", 1],
      ["mwatth", "Megawatt-hour (MWh)", "si", "Wh", 2],
      ["amph", "Ampere-hour (Ah)", "si", "Ah"],
      ["kamph", "Kiloampere-hour (kAh)", "si", "Ah", 1],
      ["mamph", "Milliampere-hour (mAh)", "si", "Ah", -1],
      ["joule", "Joule (J)", "si", "J"],
      ["ev", "Electron volt (eV)", "si", "eV"],
      ["amp", "Ampere (A)", "si", "A"],
      ["kamp", "Kiloampere (kA)", "si", "A", 1],
      ["mamp", "Milliampere (mA)", "si", "A", -1],
      ["volt", "Volt (V)", "si", "V"],
      ["kvolt", "Kilovolt (kV)", "si", "V", 1],
      ["mvolt", "Millivolt (mV)", "si", "V", -1],
      ["dBm", "Decibel-milliwatt (dBm)", "fixed", "dbm"],
      ["mohm", "Milliohm (mΩ)", "si", "Ω", -1],
      ["ohm", "Ohm (Ω)", "si", "Ω"],
      ["kohm", "Kiloohm (kΩ)", "si", "Ω", 1],
      ["Mohm", "Megaohm (MΩ)", "si", "Ω", 2],
      ["farad", "Farad (F)", "si", "F"],
      ["µfarad", "Microfarad (µF)", "si", "F", -2],
      ["nfarad", "Nanofarad (nF)", "si", "F", -3],
      ["pfarad", "Picofarad (pF)", "si", "F", -4],
      ["ffarad", "Femtofarad (fF)", "si", "F", -5],
      ["henry", "Henry (H)", "si", "H"],
      ["mhenry", "Millihenry (mH)", "si", "H", -1],
      ["µhenry", "Microhenry (µH)", "si", "H", -2],
      ["lumens", "Lumens (Lm)", "si", "Lm"],
    ],
  },
  {
    name: "Flow",
    units: [
      ["flowgpm", "Gallons/min (gpm)", "fixed", "gpm"],
      ["flowcms", "Cubic meters/sec (cms)", "fixed", "cms"],
      ["flowcfs", "Cubic feet/sec (cfs)", "fixed", "cfs"],
      ["flowcfm", "Cubic feet/min (cfm)", "fixed", "cfm"],
      ["litreh", "Litre/hour", "fixed", "L/h"],
      ["flowlpm", "Litre/min (L/min)", "fixed", "L/min"],
      ["flowmlpm", "milliLitre/min (mL/min)", "fixed", "mL/min"],
      ["lux", "Lux (lx)", "fixed", "lux"],
    ],
  },
  {
    name: "Force",
    units: [
      ["forceNm", "Newton-meters (Nm)", "si", "Nm"],
      ["forcekNm", "Kilonewton-meters (kNm)", "si", "Nm", 1],
      ["forceN", "Newtons (N)", "si", "N"],
      ["forcekN", "Kilonewtons (kN)", "si", "N", 1],
    ],
  },
  {
    name: "Hash rate",
    units: [
      ["Hs", "hashes/sec", "si", "H/s"],
      ["KHs", "kilohashes/sec", "si", "H/s", 1],
      ["MHs", "megahashes/sec", "si", "H/s", 2],
      ["GHs", "gigahashes/sec", "si", "H/s", 3],
      ["THs", "terahashes/sec", "si", "H/s", 4],
      ["PHs", "petahashes/sec", "si", "H/s", 5],
      ["EHs", "exahashes/sec", "si", "H/s", 6],
    ],
  },
  {
    name: "Mass",
    units: [
      ["massmg", "milligram (mg)", "si", "g", -1],
      ["massg", "gram (g)", "si", "g"],
      ["masslb", "pound (lb)", "fixed", "lb"],
      ["masskg", "kilogram (kg)", "si", "g", 1],
      ["masst", "metric ton (t)", "fixed", "t"],
    ],
  },
  {
    name: "Length",
    units: [
      ["lengthmm", "millimeter (mm)", "si", "m", -1],
      ["lengthcm", "centimeter (cm)", "fixed", "cm"],
      ["lengthin", "inch (in)", "fixed", "in"],
      ["lengthft", "feet (ft)", "fixed", "ft"],
      ["lengthm", "meter (m)", "si", "m"],
      ["lengthkm", "kilometer (km)", "si", "m", 1],
      ["lengthmi", "mile (mi)", "fixed", "mi"],
    ],
  },
  {
    name: "Pressure",
    units: [
      ["pressurembar", "Millibars", "si", "bar", -1],
      ["pressurebar", "Bars", "si", "bar"],
      ["pressurekbar", "Kilobars", "si", "bar", 1],
      ["pressurepa", "Pascals", "si", "Pa"],
      ["pressurehpa", "Hectopascals", "fixed", "hPa"],
      ["pressurekpa", "Kilopascals", "fixed", "kPa"],
      ["pressurehg", "Inches of mercury", "fixed", '"Hg'],
      ["pressurepsi", "PSI", "psi"],
    ],
  },
  {
    name: "Radiation",
    units: [
      ["radbq", "Becquerel (Bq)", "si", "Bq"],
      ["radci", "curie (Ci)", "si", "Ci"],
      ["radgy", "Gray (Gy)", "si", "Gy"],
      ["radrad", "rad", "si", "rad"],
      ["radsv", "Sievert (Sv)", "si", "Sv"],
      ["radmsv", "milliSievert (mSv)", "si", "Sv", -1],
      ["radusv", "microSievert (µSv)", "si", "Sv", -2],
      ["radrem", "rem", "si", "rem"],
      ["radexpckg", "Exposure (C/kg)", "si", "C/kg"],
      ["radr", "roentgen (R)", "si", "R"],
      ["radsvh", "Sievert/hour (Sv/h)", "si", "Sv/h"],
      ["radmsvh", "milliSievert/hour (mSv/h)", "si", "Sv/h", -1],
      ["radusvh", "microSievert/hour (µSv/h)", "si", "Sv/h", -2],
    ],
  },
  {
    name: "Rotational Speed",
    units: [
      ["rotrpm", "Revolutions per minute (rpm)", "fixed", "rpm"],
      ["rothz", "Hertz (Hz)", "si", "Hz"],
      ["rotkhz", "Kilohertz (kHz)", "si", "Hz", 1],
      ["rotmhz", "Megahertz (MHz)", "si", "Hz", 2],
      ["rotghz", "Gigahertz (GHz)", "si", "Hz", 3],
      ["rotrads", "Radians per second (rad/s)", "fixed", "rad/s"],
      ["rotdegs", "Degrees per second (°/s)", "fixed", "°/s"],
    ],
  },
  {
    name: "Temperature",
    units: [
      ["celsius", "Celsius (°C)", "fixed", "°C"],
      ["fahrenheit", "Fahrenheit (°F)", "fixed", "°F"],
      ["kelvin", "Kelvin (K)", "fixed", "K"],
    ],
  },
  {
    name: "Time",
    units: [
      ["hertz", "Hertz (1/s)", "si", "Hz"],
      ["ns", "nanoseconds (ns)", "time", "ns"],
      ["µs", "microseconds (µs)", "time", "µs"],
      ["ms", "milliseconds (ms)", "time", "ms"],
      ["s", "seconds (s)", "time", "s"],
      ["m", "minutes (m)", "time", "m"],
      ["h", "hours (h)", "time", "h"],
      ["d", "days (d)", "time", "d"],
      ["dtdurationms", "duration (ms)", "duration", 1],
      ["dtdurations", "duration (s)", "duration", 1000],
      ["dthms", "duration (hh:mm:ss)", "hms"],
      ["dtdhms", "duration (d hh:mm:ss)", "dhms"],
      ["timeticks", "Timeticks (s/100)", "timeTicks"],
      ["clockms", "clock (ms)", "clock", 1],
      ["clocks", "clock (s)", "clock", 1000],
    ],
  },
  {
    name: "Throughput",
    units: [
      ["cps", "counts/sec (cps)", "count", "c/s"],
      ["ops", "ops/sec (ops)", "count", "ops/s"],
      ["reqps", "requests/sec (rps)", "count", "req/s"],
      ["rps", "reads/sec (rps)", "count", "rd/s"],
      ["wps", "writes/sec (wps)", "count", "wr/s"],
      ["iops", "I/O ops/sec (iops)", "count", "io/s"],
      ["eps", "events/sec (eps)", "count", "evt/s"],
      ["mps", "messages/sec (mps)", "count", "msg/s"],
      ["recps", "records/sec (rps)", "count", "rec/s"],
      ["rowsps", "rows/sec (rps)", "count", "rows/s"],
      ["cpm", "counts/min (cpm)", "count", "c/m"],
      ["opm", "ops/min (opm)", "count", "ops/m"],
      ["reqpm", "requests/min (rpm)", "count", "req/m"],
      ["rpm", "reads/min (rpm)", "count", "rd/m"],
      ["wpm", "writes/min (wpm)", "count", "wr/m"],
      ["epm", "events/min (epm)", "count", "evts/m"],
      ["mpm", "messages/min (mpm)", "count", "msgs/m"],
      ["recpm", "records/min (rpm)", "count", "rec/m"],
      ["rowspm", "rows/min (rpm)", "count", "rows/m"],
    ],
  },
  {
    name: "Velocity",
    units: [
      ["velocityms", "meters/second (m/s)", "fixed", "m/s"],
      ["velocitykmh", "kilometers/hour (km/h)", "fixed", "km/h"],
      ["velocitymph", "miles/hour (mph)", "fixed", "mph"],
      ["velocityknot", "knot (kn)", "fixed", "kn"],
    ],
  },
  {
    name: "Volume",
    units: [
      ["mlitre", "millilitre (mL)", "si", "L", -1],
      ["litre", "litre (L)", "si", "L"],
      ["m3", "cubic meter", "fixed", "m³"],
      ["Nm3", "Normal cubic meter", "fixed", "Nm³"],
      ["dm3", "cubic decimeter", "fixed", "dm³"],
      ["gallons", "gallons", "fixed", "gal"],
    ],
  },
  {
    name: "Boolean",
    units: [
      ["bool", "True / False", "boolean", "True", "False"],
      ["bool_yes_no", "Yes / No", "boolean", "Yes", "No"],
      ["bool_on_off", "On / Off", "boolean", "On", "Off"],
    ],
  },
];
