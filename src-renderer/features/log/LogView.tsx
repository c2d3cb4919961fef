/** Log: the records over the fields and the bytes of the one under the cursor. */
import { BytesPane } from "./BytesPane.tsx";
import { FieldsPane } from "./FieldsPane.tsx";
import styles from "./LogView.module.css";
import { RecordsTable } from "./RecordsTable.tsx";

export function LogView() {
  return (
    <div className={styles.view}>
      <RecordsTable />
      <div className={styles.below}>
        <FieldsPane />
        <BytesPane />
      </div>
    </div>
  );
}
