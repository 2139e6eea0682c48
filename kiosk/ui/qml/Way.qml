// One way to choose: an icon and its name.
import QtQuick

Row {
    id: way

    property string text: ""
    default property alias icon: holder.data

    spacing: 12
    height: 52

    Item {
        id: holder
        width: 44
        height: 52
    }
    Words {
        height: way.height
        text: way.text
        size: 28
        weight: Font.Medium
        verticalAlignment: Text.AlignVCenter
    }
}
