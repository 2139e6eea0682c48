// Text in the product's one typeface. Sizes are design pixels and grow by the stage's zoom; what
// has to fit its place never shrinks below its least size, and that never below 26.
import QtQuick

Text {
    property real size: 32
    property real least: 26
    property int weight: Font.Normal

    color: bridge.theme.ink
    font.family: bridge.theme.font
    font.pixelSize: Math.round(size * stage.zoom)
    font.weight: weight
    minimumPixelSize: Math.round(least * stage.zoom)
    wrapMode: Text.WordWrap
    textFormat: Text.PlainText
}
