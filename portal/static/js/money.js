// Fen as the pages write them: ¥5,999.00, whatever the reader's language.
export function yuan(fen) {
  const [whole, cents] = (Math.abs(fen) / 100).toFixed(2).split(".");
  return `${fen < 0 ? "-" : ""}¥${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${cents}`;
}
