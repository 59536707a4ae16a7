export const ENVIRONMENT = {
  NARTHEX_LOGIN_LINK:
    "Key of 20 to 200 letters, digits, `-` and `_`: `/login/link?token=<Unix ms of the expiry>.<HMAC-SHA256 of the expiry, base64url>` signs the first user in, once, on the machine itself.",
  NARTHEX_DOCS_DIR:
    "Folder of the documentation's site, from the working directory on; default: the one that comes with the program.",
  NARTHEX_UI_DIR:
    "Folder of the built pages, from the working directory on; default: the one that comes with the program.",
} as const satisfies Readonly<Record<string, string>>;

/**
 * Environment variables to which the stack's provisioning files refer. `narthex up` and docker-compose.yml set them.
 * Provisioning files of users may refer to any other variables.
 */
export const PROVISIONED_ENVIRONMENT = {
  NARTHEX_SERVER_URL: "URL of the server that the data source Narthex queries: `http://server:9090`.",
  NARTHEX_ALERTMANAGER_URL: "URL of the Alertmanager of the data source Alertmanager: `http://alertmanager:9093`.",
  NARTHEX_PUSHGATEWAY_URL: "URL of the Pushgateway whose page is shown: `http://pushgateway:9091`.",
  NARTHEX_DASHBOARDS_DIR: "Folder of the dashboards that come with the stack.",
} as const satisfies Readonly<Record<string, string>>;
