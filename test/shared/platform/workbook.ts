/** Workbooks as Excel packs them, and ways to spoil them. */
import { createZipWriter } from '../../../shared/platform/zip-write.ts';

export function zipOf(parts: readonly (readonly [name: string, content: string])[]): Buffer {
  const zip = createZipWriter();
  return Buffer.concat([...parts.flatMap(([name, content]) => [...zip.part(name, [content])]), ...zip.end()]);
}

const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** The parts around a sheet; those given replace them. */
export function workbookParts(sheetRows: string, over: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries({
    'xl/workbook.xml': `<?xml version="1.0" encoding="UTF-8"?><workbook ${MAIN} xmlns:r="${RELATIONS}"><sheets><sheet name="a" sheetId="7" r:id="rId3"/><sheet name="b" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId3" Target="worksheets/sheet7.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml':
      '<worksheet><sheetData><row><c t="str"><v>the second tab</v></c></row></sheetData></worksheet>',
    'xl/worksheets/sheet7.xml': `<worksheet ${MAIN}><sheetData>${sheetRows}</sheetData></worksheet>`,
    ...over,
  });
}

export function workbook(sheetRows: string, over: Readonly<Record<string, string>> = {}): Buffer {
  return zipOf(workbookParts(sheetRows, over));
}

/** Changes octets of a record, found from the end by its signature. */
export function spoiled(file: Buffer, signature: number, change: (record: Buffer) => void): Buffer {
  const copy = Buffer.from(file);
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(signature);
  change(copy.subarray(copy.lastIndexOf(mark)));
  return copy;
}
