/**
 * Splits a text into the colours of a palette. A colour is a name or hexadecimal digits. If there are more series than
 * colours, the colours repeat from the first.
 */
const list = (...lines: readonly string[]): readonly string[] => lines.join(" ").split(" ");

export const classicPalette = list(
  "green semi-dark-yellow blue orange red purple dark-green dark-yellow dark-blue dark-orange dark-red",
  "dark-purple super-light-green super-light-yellow super-light-blue super-light-orange super-light-red",
  "super-light-purple #447EBC #C15C17 #890F02 #0A437C #6D1F62 #584477 #B7DBAB #F4D598 #70DBED #F9BA8F #F29191",
  "#82B5D8 #E5A8E2 #AEA2E0 #629E51 #E5AC0E #64B0C8 #E0752D #BF1B00 #0A50A1 #962D82 #614D93 #9AC48A #F2C96D",
  "#65C5DB #F9934E #EA6460 #5195CE #D683CE #806EB7 #3F6833 #967302 #2F575E #99440A #58140C #052B51 #511749",
  "#3F2B5B #E0F9D7 #FCEACA #CFFAFF #F9E2D2 #FCE2DE #BADFF4 #F9D9F9 #DEDAF7",
);

/** Colours that colour-blind readers can distinguish. */
export const colorblindPalette = list("#0072B2 #E69F00 #009E73 #CC79A7 #56B4E9 #D55E00 #F0E442 #000000 #FFFFFF");

/** An experimental palette of Grafana. */
export const categoricalPalette1 = list(
  "#D97E9B #FFC554 #41CD94 #64A6D8 #F79CFF #E78A5F #C9E1A6 #00CFE3 #9B93DF #FFB2BE #CEA82E #9CF2D6 #8FC3FF",
  "#CE84C1 #FFC39D #89C862 #41AEC7 #CDB9FF #EF8488 #E7DB98 #00D8BE #759EE6 #FFB1E1 #EE9941 #BAF2B8 #54D3FF",
  "#B78EE2 #FF645A #C0BD2F #8FFFF6 #B4C7FF #EB85B5 #FFD49F #58DB89 #46ABDE #EABCFF #FF8E6F #DEED9F #00DFE5",
  "#959DF6",
);

/** An experimental palette of Grafana. */
export const categoricalPalette2 = list(
  "#63B564 #DED188 #84B1FF #FFDBBC #FFA8AA #C986E6 #FFC4D4 #9BCB35 #D3EFFF #F8B4D2 #A6B924 #AFE8FF #FF97DA",
  "#AAA720 #81E3FB #F386E2 #FFE397 #84D6E1 #D784DF #FED283 #00D4DA #F2E7FF #F3C48A #00C9C0 #E4DAFF #FFAC74",
  "#00BEA7 #D2CFFF #FF9767 #9DFFDF #BDC4FF #FE8260 #93F4C5 #A4BAFF #EA796E #9FE3B3 #74B6FF #FFD8DD #89E04D",
  "#3BAFFE",
);

/** An experimental palette of Grafana. */
export const categoricalPalette3 = list(
  "#63B564 #88DDFE #CA94FF #FFD8D3 #CFCB00 #00BEB5 #C7D5FF #FF8DC4 #FFE5C7 #9FDCB0 #00BBFF #F0D0FF #FFA48B",
  "#9BAC32 #7CE6E9 #A3ABFF #FFDAE4 #E1C18A #1DC58A #B7DFFF #F38EFC #FFE7DD #BED997 #00C5D8 #DEDCFF #FFA4B3",
  "#C79E00 #8BEBCC #7DBBFF #FFDCF8 #F5BB95 #7DC053 #9BEAFF #C5ADFF #EA777E #E0D287 #00CEB5 #D5E4FF #FFA1DC",
  "#E88E29",
);
