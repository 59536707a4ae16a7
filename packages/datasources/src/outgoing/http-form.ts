import type { SourceSetting } from "@narthex/dashboards";

/** Inputs for a source that is reached with HTTP: address, sign-in, TLS and timeout. */
export function httpForm(example: string): readonly SourceSetting[] {
  const basicAuth = { path: ["basicAuth"], values: [true] };
  return [
    { path: ["url"], label: "URL", type: "text", placeholder: example },
    { path: ["basicAuth"], label: "Sign in with a user name and a password", type: "switch" },
    { path: ["basicAuthUser"], label: "User", type: "text", when: basicAuth },
    { path: ["secureJsonData", "basicAuthPassword"], label: "Password", type: "secret", when: basicAuth },
    {
      path: ["secureJsonData", "bearerToken"],
      label: "Bearer token",
      type: "secret",
      when: { path: ["basicAuth"], values: [false] },
    },
    { path: ["jsonData", "httpHeaderName1"], label: "Headers of each request", type: "headers" },
    ...tlsForm(),
    { path: ["jsonData", "timeout"], label: "Timeout of a request in seconds", type: "number", placeholder: "30" },
  ];
}

/** Inputs for the certificates of a connection. */
export function tlsForm(): readonly SourceSetting[] {
  const certificate = { path: ["jsonData", "tlsAuth"], values: [true] };
  return [
    { path: ["jsonData", "tlsSkipVerify"], label: "Do not verify the server's certificate", type: "switch" },
    { path: ["jsonData", "tlsAuthWithCACert"], label: "Verify with an own certificate authority", type: "switch" },
    {
      path: ["secureJsonData", "tlsCACert"],
      label: "Certificate of the authority (PEM)",
      type: "secretText",
      when: { path: ["jsonData", "tlsAuthWithCACert"], values: [true] },
    },
    { path: ["jsonData", "tlsAuth"], label: "Sign in with a client certificate", type: "switch" },
    { path: ["jsonData", "serverName"], label: "Server name in the certificate", type: "text" },
    {
      path: ["secureJsonData", "tlsClientCert"],
      label: "Client certificate (PEM)",
      type: "secretText",
      when: certificate,
    },
    { path: ["secureJsonData", "tlsClientKey"], label: "Client key (PEM)", type: "secretText", when: certificate },
  ];
}
