// One way to choose: an icon and its name.
import QtQuick

Row {
    id: way

    property string text: ""
    default property alias icon: holder.data

    spacing: 8
    height: Math.round(52 * stage.zoom)

    Item {
        id: holder
        anchors.verticalCenter: parent.verticalCenter
        width: 42
        height: 50
    }
    Words {
        height: way.height
        text: way.text
        size: stage.larger ? 26 : 29
        weight: Font.Medium
        verticalAlignment: Text.AlignVCenter
    }
}
