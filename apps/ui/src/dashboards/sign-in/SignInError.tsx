import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { errorSentence } from "../../shell/StatusMessage.tsx";

/** Shows why a sign-in failed. */
export const SignInError = ({ error }: { error: Error | string }) => (
  <Alert color="red" variant="light" py="xs" role="alert" icon={<IconAlertTriangle size={18} />}>
    {typeof error === "string" ? error : errorSentence(error)}
  </Alert>
);
