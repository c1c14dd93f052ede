const ACCENTED: Readonly<Record<string, string>> = {
  a: 'á', c: 'ç', e: 'é', g: 'ğ', i: 'í', l: 'ł', n: 'ñ', o: 'ö', r: 'ř', s: 'š', t: 'ţ', u: 'ü', y: 'ý', z: 'ž',
  A: 'Á', C: 'Ç', E: 'É', I: 'Í', N: 'Ñ', O: 'Ö', S: 'Š', T: 'Ţ', U: 'Ü',
}

/** Accents on the letters and 40 % more length, cut out of nothing that a reader needs. */
export function stretch(text: string): string {
  const accented = [...text].map((char) => ACCENTED[char] ?? char).join('')
  return text.trim() ? accented + '~'.repeat(Math.ceil(text.trim().length * 0.4)) : text
}
