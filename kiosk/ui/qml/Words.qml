// Text in the product's one typeface, never below 26 design pixels.
import QtQuick

Text {
    property real size: 32
    property int weight: Font.Normal

    color: bridge.theme.ink
    font.family: bridge.theme.font
    font.pixelSize: size
    font.weight: weight
    wrapMode: Text.WordWrap
    elide: Text.ElideRight
    textFormat: Text.PlainText
}
