import { Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { FormModal } from "../../frame/FormModal.tsx";
import { useChange } from "../../frame/use-change.ts";
import { CodeInput } from "./CodeInput.tsx";
import { twoStepQuery } from "./two-step-api.ts";

/** Dialog that asks for a two-step code before two-step codes are changed or turned off. */
export function CodeModal({
  title,
  action,
  done,
  send,
  onClose,
  children,
}: {
  title: string;
  /** Label of the submit button. */
  action: string;
  /** Text of the notification after the change. */
  done?: string;
  send: (code: string) => Promise<unknown>;
  onClose: () => void;
  /** The effect of the change. */
  children: ReactNode;
}) {
  const [code, setCode] = useState("");
  const change = useChange(() => send(code.trim()), [twoStepQuery.queryKey], {
    ...(done === undefined ? {} : { done }),
    after: onClose,
  });
  return (
    <FormModal title={title} action={action} isReady={code.trim() !== ""} change={change} onClose={onClose}>
      <Text size="sm">{children}</Text>
      <CodeInput label="Code from your authenticator app, or a recovery code" isFirst value={code} onChange={setCode} />
    </FormModal>
  );
}
