import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { ConfirmModal } from "../../../shell/ConfirmModal.tsx";

/** A button that deletes an object after a confirmation. */
export function DeleteButton({
  kind,
  change: { mutate, isPending },
  children,
}: {
  /** Noun for the deleted object, such as `team`. */
  kind: string;
  change: { readonly mutate: () => void; readonly isPending: boolean };
  /** Text of the confirmation dialog that describes the effects of the deletion. */
  children: ReactNode;
}) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button size="sm" color="red.8" loading={isPending} onClick={() => setAsking(true)}>
        Delete {kind}
      </Button>
      {isAsking && (
        <ConfirmModal
          title={`Delete the ${kind}?`}
          action="Delete"
          onConfirm={() => mutate()}
          onClose={() => setAsking(false)}
        >
          {children} This cannot be undone.
        </ConfirmModal>
      )}
    </>
  );
}
