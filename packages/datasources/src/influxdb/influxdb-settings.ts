import type { DataSourceSettings } from "../data-source.ts";
import { numberAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";
import { secretOf } from "../source-secret.ts";

/** Default for the largest number of series of a query. */
const MAX_SERIES = 1000;
/** Largest number of series that the settings may allow. */
const MOST_SERIES = 50_000;
const MAX_HEADERS = 100;

/** The settings of a source that are not those of its HTTP client. */
export interface InfluxdbSettings {
  readonly isFlux: boolean;
  readonly database: string;
  readonly method: "GET" | "POST";
  readonly maxSeries: number;
  readonly organization: string;
  readonly defaultBucket: string;
}

/** Reads the settings. Throws QueryFailure for the language SQL, which needs another protocol. */
export function influxdbSettings({ jsonData, database }: DataSourceSettings): InfluxdbSettings {
  const version = textAt(jsonData, "version");
  if (version === "SQL")
    throw new QueryFailure(
      400,
      "SQL of InfluxDB 3 needs the protocol Flight SQL, which is not supported; choose InfluxQL, which InfluxDB 3 also answers",
    );
  const wanted = numberAt(jsonData, "maxSeries");
  return {
    isFlux: version === "Flux",
    database: textAt(jsonData, "dbName") || database,
    method: textAt(jsonData, "httpMode") === "POST" ? "POST" : "GET",
    maxSeries: wanted !== undefined && wanted >= 1 ? Math.min(MOST_SERIES, Math.floor(wanted)) : MAX_SERIES,
    organization: textAt(jsonData, "organization"),
    defaultBucket: textAt(jsonData, "defaultBucket"),
  };
}

/**
 * Returns the settings of the HTTP client. A user without basic authentication signs in with the source's password. A
 * token becomes a header.
 */
export function clientSettings(settings: DataSourceSettings, isFlux: boolean): DataSourceSettings {
  const token = secretOf(settings, "token");
  const isSignedIn = settings.basicAuth || settings.user !== "";
  if (token !== "" && (isFlux || !isSignedIn))
    return withHeader({ ...settings, basicAuth: false }, "Authorization", `Token ${token}`);
  if (settings.basicAuth || settings.user === "") return settings;
  return {
    ...settings,
    basicAuth: true,
    basicAuthUser: settings.user,
    secureJsonData: { ...settings.secureJsonData, basicAuthPassword: secretOf(settings, "password") },
  };
}

function withHeader(settings: DataSourceSettings, name: string, value: string): DataSourceSettings {
  const { jsonData, secureJsonData } = settings;
  for (let number = 1; number <= MAX_HEADERS; number++) {
    if (textAt(jsonData, `httpHeaderName${number}`) !== "") continue;
    return {
      ...settings,
      jsonData: { ...jsonData, [`httpHeaderName${number}`]: name },
      secureJsonData: { ...secureJsonData, [`httpHeaderValue${number}`]: value },
    };
  }
  throw new QueryFailure(400, `the source has ${MAX_HEADERS} headers; remove one, so that the token can be sent`);
}
