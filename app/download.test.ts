import { describe, expect, it } from "vitest";
import { contentDisposition, toWebStream } from "./download";
import { localPath } from "./local-path";

describe("contentDisposition", () => {
  it("keeps any name readable and none able to leave the header", () => {
    expect(contentDisposition("Plan für Ä.docx")).toBe("attachment; filename=\"Plan f_r _.docx\"; filename*=UTF-8''Plan%20f%C3%BCr%20%C3%84.docx");
    expect(contentDisposition('a"\r\nSet-Cookie: x=1')).not.toMatch(/[\r\n]|"a""/);
    expect(contentDisposition("../../etc/passwd")).toContain('filename=".._.._etc_passwd"');
    expect(contentDisposition("a\u202excod.exe")).toContain("filename*=UTF-8''a_xcod.exe"); // reads as "aexe.docx"
    expect(contentDisposition("a\u200b\u2028\ufeffb")).toContain("filename*=UTF-8''a_b");
    expect(contentDisposition("\ud800")).toContain("filename*=UTF-8''%EF%BF%BD");
  });
});

describe("toWebStream", () => {
  it("stops reading the file when the browser goes away", async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield new Uint8Array([1]);
      } finally {
        closed = true;
      }
    }
    const reader = toWebStream(source()).getReader();
    await reader.read();
    await reader.cancel();
    expect(closed).toBe(true);
  });
});

describe("localPath", () => {
  it("keeps paths of this site and refuses other sites", () => {
    expect(localPath("/invite/abc?x=1")).toBe("/invite/abc?x=1");
    expect(localPath("/.//evil.example/x")).toBe("/evil.example/x");
    for (const evil of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", undefined]) expect(localPath(evil)).toBe("/");
  });
});
