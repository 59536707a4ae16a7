import { Alert, Anchor, Code, Stack, Text } from "@mantine/core";
import { docsAddress } from "../../shell/docs-address.ts";
import { useSignInOptions } from "./sign-in-api.ts";

/**
 * Names the file with the generated password of the first user, and the command that resets a lost password. Only a browser on the
 * same machine learns the path of the file; the text for others is the same for each installation.
 */
export function FirstSignIn() {
  const file = useSignInOptions()?.firstPassword;
  return (
    <>
      {file !== undefined && (
        <Alert color="blue" variant="light" title="First sign-in">
          <Text size="sm" className="wrap-anywhere">
            The password of the first user is in the file <Code>{file}</Code>
          </Text>
        </Alert>
      )}
      <details>
        <summary>
          <Text span size="sm" c="dimmed">
            First sign-in, or password lost?
          </Text>
        </summary>
        <Stack gap={6} mt={6} fz="sm">
          <span>
            The first start writes the password of the user <Code>admin</Code> to the file{" "}
            <Code>initial-admin-password</Code> in the data folder, unless the settings contain a password. The file is
            removed when the password changes.
          </span>
          <span>
            To reset a lost password, run <Code>grafana cli admin reset-admin-password</Code> next to the server.
          </span>
          <Anchor inherit href={`${docsAddress("dashboards")}#sign-in`} target="_blank">
            More about signing in
          </Anchor>
        </Stack>
      </details>
    </>
  );
}
